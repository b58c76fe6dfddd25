import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const ended = vi.fn();

class BrokenWorker {
  onerror: (() => void) | null = null;
  terminate = ended;
  postMessage() {
    queueMicrotask(() => this.onerror?.());
  }
}

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal("Worker", BrokenWorker);
});
afterEach(() => {
  vi.doUnmock("./tokens");
  vi.unstubAllGlobals();
  ended.mockClear();
});

describe("a worker that broke", () => {
  it("is_ended_and_short_pieces_are_coloured_without_it", async () => {
    const { colour } = await import("./colour");
    expect((await colour("let a = 1;", "rust"))?.length).toBeGreaterThan(0);
    expect(ended).toHaveBeenCalledOnce();
  });

  it("leaves_code_plain_where_the_colours_cannot_be_fetched_either", async () => {
    vi.doMock("./tokens", () => {
      throw new Error("not fetched");
    });
    const { colour } = await import("./colour");
    expect(await colour("let a = 1;", "rust")).toBeNull();
  });
});
