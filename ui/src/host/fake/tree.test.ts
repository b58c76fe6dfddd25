import { describe, expect, it } from "vitest";
import type { Message } from "@/bindings";
import { newestLeaf, pathTo, shownPath, subtree, versions } from "./tree";

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
  it("a_message_takes_all_that_follows_it_along", () => {
    expect([...subtree(tree, "a1")]).toEqual(["a1", "u2", "a3"]);
  });
});
