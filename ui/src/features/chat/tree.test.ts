import { describe, expect, it } from "vitest";
import type { Message } from "@/bindings";
import { newestLeaf, pathTo, sentUpTo, shownPath, versions, withMessage } from "./tree";

const message = (id: string, parent: string | null, role: Message["role"], content = id): Message => ({
  id,
  session_id: "s",
  parent_id: parent,
  role,
  content,
  parts: [],
  attachments: [],
  created_at: "2026-11-21T10:00:00Z",
  status: "complete",
  model: null,
  instead_of: null,
  usage: null,
  failure: null,
  imported: null,
});

const tree = [
  message("u1", null, "user"),
  message("a1", "u1", "assistant"),
  message("a2", "u1", "assistant"),
  message("u2", "a1", "user"),
  message("a3", "u2", "assistant"),
];
const ids = (messages: Message[]) => messages.map((one) => one.id);

describe("the tree of a conversation", () => {
  it("path_goes_from_the_first_message_to_the_leaf", () => expect(ids(pathTo(tree, "a3"))).toEqual(["u1", "a1", "u2", "a3"]));
  it("path_survives_a_missing_parent", () => expect(ids(pathTo(tree.slice(3), "a3"))).toEqual(["u2", "a3"]));
  it("path_survives_a_circle", () => expect(pathTo([message("x", "y", "user"), message("y", "x", "user")], "x")).toHaveLength(2));
  it("newest_leaf_descends_from_the_chosen_version", () => {
    expect(newestLeaf(tree, "a1")).toBe("a3");
    expect(newestLeaf(tree, "a2")).toBe("a2");
  });
  it("unknown_head_shows_the_newest_end", () => {
    expect(ids(shownPath(tree, "gone"))).toEqual(["u1", "a2"]);
    expect(ids(shownPath(tree, "a3"))).toEqual(["u1", "a1", "u2", "a3"]);
    expect(shownPath([], null)).toEqual([]);
  });
  it("attempts_without_a_word_are_not_versions", () => {
    const failed = message("f", "u1", "assistant", "");
    const all = [...tree, failed];
    expect(versions(all, tree[1] as Message)).toEqual(["a1", "a2"]);
    expect(versions(all, failed)).toEqual(["a1", "a2", "f"]);
  });
  it("stored_message_replaces_the_one_with_its_id", () => {
    expect(withMessage(tree, message("a3", "u2", "assistant", "new")).at(-1)?.content).toBe("new");
    expect(withMessage(undefined, message("n", null, "user"))).toHaveLength(1);
  });
  it("a_refused_question_is_sent_without_the_files_of_earlier_ones_too", () => {
    const file = (id: string, left_out = false) => ({ id, name: id, media_type: "image/png", bytes: 1, sha256: id, left_out });
    const first = { ...message("q1", null, "user"), attachments: [file("old"), file("gone", true)] };
    const second = { ...message("q2", "q1", "user"), attachments: [file("new")] };
    expect(sentUpTo([first, second], second).map((sent) => sent.file.id)).toEqual(["old", "new"]);
    expect(sentUpTo([first, second], first).map((sent) => sent.file.id)).toEqual(["old"]);
  });
});
