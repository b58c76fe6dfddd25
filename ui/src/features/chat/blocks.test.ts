import { describe, expect, it } from "vitest";
import { settleTail, splitBlocks } from "./blocks";

describe("blocks of an answer", () => {
  it.each([
    ["paragraphs part at blank lines", "one\n\ntwo\n\nthree", ["one\n\n", "two\n\n", "three"]],
    ["a fence keeps its blank lines", "a\n\n```js\n1\n\n2\n```\n\nb", ["a\n\n", "```js\n1\n\n2\n```\n\n", "b"]],
    ["an open fence takes the rest", "a\n\n~~~\nx\n\ny", ["a\n\n", "~~~\nx\n\ny"]],
    ["a shorter run does not close a fence", "````\n```\n\nx\n````\n\nb", ["````\n```\n\nx\n````\n\n", "b"]],
    ["a loose list stays one list", "1. a\n\n2. b\n\n   more\n\nafter", ["1. a\n\n2. b\n\n   more\n\n", "after"]],
    ["a definition keeps the text whole", "see [a]\n\n[a]: https://example.org\n\nend", ["see [a]\n\n[a]: https://example.org\n\nend"]],
  ])("%s", (_, text, blocks) => expect(splitBlocks(text)).toEqual(blocks));

  it("blocks_joined_give_the_text_again", () => {
    const text = "# T\n\na **b**\n\n- x\n\n- y\n\n```\n\n```\nend\n";
    expect(splitBlocks(text).join("")).toBe(text);
  });

  it("finished_blocks_do_not_change_while_the_text_grows", () => {
    const text = "one\n\n- a\n- b\n\n```js\nx\n\ny\n```\n\nlast words";
    let before: string[] = [];
    for (let end = 1; end <= text.length; end += 1) {
      const now = splitBlocks(text.slice(0, end));
      expect(now.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1));
      before = now;
    }
  });

  it.each([
    ["bold", "a **b", "a **b**"],
    ["bold just opened", "a **", "a "],
    ["emphasis", "the *Analytical En", "the *Analytical En*"],
    ["emphasis just opened", "- the *", "- the "],
    ["emphasis after emphasis", "*a* and *b", "*a* and *b*"],
    ["product", "2 * 3 is 2*3", "2 * 3 is 2*3"],
    ["code", "run `npm", "run `npm`"],
    ["link text", "see [the no", "see the no"],
    ["link address", "see [notes](https://exam", "see notes"],
    ["heading underline", "title\n-", "title\n"],
    ["finished text", "a **b** `c` [d](https://e.org)", "a **b** `c` [d](https://e.org)"],
    ["open fence", "```js\nlet a = '**", "```js\nlet a = '**"],
  ])("half-written %s is settled", (_, text, settled) => expect(settleTail(text)).toBe(settled));
});
