import { describe, expect, it } from "vitest";
import type { Message, MessagePart } from "@/bindings";
import { grow, lookupOf, type Piece, piecesOf, thoughtsOf, toolEnded, toolStarted } from "./pieces";

const thought = (text: string): MessagePart => ({ type: "reasoning", text, signature: null, redacted: null });
const stored = (parts: MessagePart[], content = "") => ({ content, parts }) as Message;
const recall = (output: string | null, input = '{"query":"dogs"}', name = "recall"): Extract<Piece, { kind: "tool" }> => ({
  kind: "tool",
  id: "1",
  name,
  input,
  output,
  failed: false,
});

describe("what an answer is made of", () => {
  it("thought_ends_with_the_first_word_or_tool_after_it", () => {
    let pieces = grow([], "reasoning", "hm", 1000);
    pieces = grow(pieces, "reasoning", ", so", 2000);
    pieces = grow(pieces, "text", "Yes", 4000);
    pieces = grow(pieces, "reasoning", "but", 5000);
    pieces = toolStarted(pieces, { type: "tool_started", id: "1", name: "recall", input: "{}" }, 5500);
    pieces = toolEnded(pieces, { type: "tool_ended", id: "1", output: "x", is_error: true });
    expect(pieces.map(({ kind }) => kind)).toEqual(["reasoning", "text", "reasoning", "tool"]);
    expect(thoughtsOf(pieces)).toEqual([3000, 500]);
    expect(pieces.at(-1)).toMatchObject({ output: "x", failed: true });
  });

  it("thought_that_was_broken_off_has_no_length", () => expect(thoughtsOf(grow([], "reasoning", "hm", 1))).toEqual([null]));

  it("plain_message_is_one_text", () => {
    expect(piecesOf(stored([], "Yes"), [])).toEqual([{ kind: "text", text: "Yes", from: 0 }]);
    expect(piecesOf(stored([], " "), [])).toEqual([]);
  });

  it("stored_thoughts_get_the_lengths_that_were_seen_only_if_as_many_were_seen", () => {
    const message = stored([thought("a"), { type: "text", text: "b" }, thought("c")], "b");
    expect(thoughtsOf(piecesOf(message, [1500, 700]))).toEqual([1500, 700]);
    expect(thoughtsOf(piecesOf(message, [1500]))).toEqual([null, null]);
    expect(thoughtsOf(piecesOf(message, []))).toEqual([null, null]);
  });

  it("sealed_thoughts_are_said_and_empty_ones_are_not", () => {
    const sealed: MessagePart = { type: "reasoning", text: "", signature: null, redacted: "c2Vh" };
    expect(piecesOf(stored([sealed, thought(" "), { type: "text", text: "\n" }]), [])).toEqual([{ kind: "sealed" }]);
  });

  it.each<[string, Piece & { kind: "tool" }, number | null | undefined]>([
    ["nothing yet", recall(null), undefined],
    ["nothing found", recall("Nothing that is remembered fits these words."), 0],
    ["two, one of two lines", recall("Best first:\n\n<memory>\n- [a, line 1] x\n  - [not one] y\n- [b] z\n</memory>"), 2],
    ["another tool", recall("x", "{}", "clock"), null],
    ["broken arguments", recall("x", "{"), null],
  ])("look-up: %s", (_, piece, found) => {
    const looked = lookupOf(piece);
    expect(looked === null ? null : looked.passages?.length).toBe(found);
  });

  it("passage_is_parted_from_its_source", () => {
    expect(lookupOf(recall("<memory>\n- [a, line 1] x\n  y\n- [b] z\n</memory>\n"))?.passages).toEqual([
      { source: "a, line 1", text: "x\ny" },
      { source: "b", text: "z" },
    ]);
  });
});
