import { afterEach, describe, expect, it, vi } from "vitest";

/** The module as a window with that address has it. */
async function windowAt(hash: string) {
  window.location.hash = hash;
  vi.resetModules();
  return await import("./drafts");
}

afterEach(() => {
  window.location.hash = "";
  vi.restoreAllMocks();
});

describe("drafts", () => {
  it("and_the_files_in_them_belong_to_one_of_the_two_windows", async () => {
    const main = await windowAt("");
    const quick = await windowAt("#quick");
    quick.writeDraft("new:owner", "small");
    quick.writeDraftFiles("new:owner", [{ name: "a.txt", text: "small" }]);
    expect(main.readDraft("new:owner")).toBe("");
    expect(main.readDraftFiles("new:owner")).toEqual([]);
    main.writeDraftFiles("new:owner", []);
    expect(quick.readDraftFiles("new:owner")).toHaveLength(1);
  });

  it("stay_as_long_as_the_window_lives_where_they_cannot_be_written_down", async () => {
    const { readDraft, writeDraft } = await windowAt("");
    writeDraft("chat", "before");
    const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("", "QuotaExceededError");
    });
    writeDraft("chat", "what was typed since");
    expect(readDraft("chat")).toBe("what was typed since");
    full.mockRestore();
    writeDraft("chat", "");
    expect(readDraft("chat")).toBe("");
  });

  it("of_the_quick_window_go_over_to_the_main_one_behind_what_waits_there", async () => {
    const main = await windowAt("");
    const quick = await windowAt("#quick");
    const edit = quick.editKey("one", "message");
    main.writeDraft("one", "first");
    quick.writeDraft("one", "second");
    quick.writeDraft("two", "stays");
    quick.writeDraft(edit, "changed");
    quick.writeDraftFiles("one", [{ name: "a.txt", text: "small" }]);
    expect(quick.handOver("one")).toBe(true);
    expect(main.readDraft("one")).toBe("first\nsecond");
    expect(main.readDraft(edit)).toBe("changed");
    expect(main.readDraftFiles("one")).toHaveLength(1);
    expect([quick.readDraft("one"), quick.readDraft(edit), quick.readDraft("two")]).toEqual(["", "", "stays"]);
    expect(quick.readDraftFiles("one")).toEqual([]);
  });

  it("stay_in_the_quick_window_where_the_main_one_cannot_take_them", async () => {
    const quick = await windowAt("#quick");
    quick.writeDraftFiles("one", [{ name: "a.txt", text: "small" }]);
    const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("", "QuotaExceededError");
    });
    expect(quick.handOver("one")).toBe(false);
    expect(quick.readDraftFiles("one")).toHaveLength(1);
    quick.writeDraft("two", "typed since");
    expect(quick.handOver("two")).toBe(false);
    full.mockRestore();
  });
});
