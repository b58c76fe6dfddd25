import { describe, expect, it } from "vitest";
import { GrowingText } from "./grow";
import { closeWords } from "./settle";
import type { Block, Inline } from "./tree";

describe("an end that is half-written", () => {
  it.each([
    ["bold", "a **b", "a **b**"],
    ["bold just opened", "a **", "a "],
    ["bold half closed", "a **b*", "a **b**"],
    ["bold with a space at the end", "a **b ", "a **b**"],
    ["bold and emphasis", "**a *b", "**a *b***"],
    ["emphasis", "the *Analytical En", "the *Analytical En*"],
    ["emphasis after emphasis", "*a* and *b", "*a* and *b*"],
    ["struck words", "a ~~b", "a ~~b~~"],
    ["product", "2 * 3 is 2*3", "2 * 3 is 2*3"],
    ["name with underscores", "the snake_case na", "the snake_case na"],
    ["code", "run `npm", "run `npm`"],
    ["code just opened", "run `", "run "],
    ["code with marks in it", "run `a ** b", "run `a ** b`"],
    ["code in bold", "**run `npm", "**run `npm`**"],
    ["link text", "see [the no", "see the no"],
    ["link address", "see [notes](https://exam", "see notes"],
    ["link text that is bold", "see [**the no", "see **the no**"],
    ["picture", "see ![a chart](https://ex", "see "],
    ["footnote", "as said[^no", "as said"],
    ["bracketed address", "see <https://exam", "see "],
    ["formula", "with $x^2 + y", "with "],
    ["formula in brackets", "with \\(x + y", "with "],
    ["price", "it costs $5 and", "it costs $5 and"],
    ["open interval", `[0, 1) ${"and so on ".repeat(9)}`, `[0, 1) ${"and so on ".repeat(9)}`],
    ["finished text", "a **b** `c` [d](https://e.org) $x$ ~~e~~", "a **b** `c` [d](https://e.org) $x$ ~~e~~"],
  ])("%s is settled", (_, text, settled) => expect(closeWords(text)).toBe(settled));

  const text = (inlines: Inline[]): string =>
    inlines.map((one) => ("children" in one ? text(one.children) : "text" in one ? one.text : "")).join("");
  const words = (block: Block): string => {
    if ("words" in block) return text(block.words.children);
    if (block.kind === "list") return block.items.flatMap(({ children }) => children.map(words)).join("|");
    if (block.kind === "table")
      return [block.header, ...block.rows].flatMap(({ cells }) => cells.map(({ children }) => text(children))).join("|");
    return "children" in block ? block.children.map(words).join("|") : "text" in block ? block.text : block.kind;
  };
  const shown = (source: string) => new GrowingText().read(source, true).map((block) => `${block.kind}:${words(block)}`);

  it.each([
    ["heading underline", "title\n-", ["paragraph:title"]],
    ["item", "- a\n- ", ["list:a"]],
    ["box", "- a\n- [ ", ["list:a"]],
    ["number of an item", "1. a\n2", ["list:a"]],
    ["table head", "before\n\n| a | b |", ["paragraph:before"]],
    ["table delimiter", "| a | b |\n|--", []],
    ["table row", "| a | b |\n|--|--|\n| c | **d", ["table:a|b|c|d"]],
    ["line that is no table", "| a | b |\nwords", ["paragraph:| a | b |\nwords"]],
    ["opening fence", "before\n\n```py", ["paragraph:before"]],
    ["code with a mark of its end", "```py\nx\n``", ["code:x"]],
    ["marks in code", "```py\na **b `c", ["code:a **b `c"]],
    ["code in an item", "- a\n  ```\n  x\n  ``", ["list:a|x"]],
    ["bold in an item", "- a\n- **b", ["list:a|b"]],
    ["definition", "see [a]\n\n[a]: ", ["paragraph:see [a]"]],
  ])("a %s waits or is closed", (_, source, blocks) => expect(shown(source)).toEqual(blocks));

  it("no_mark_flashes_while_an_answer_arrives", () => {
    const answer =
      "# Title\n\nSome **bold** and *slanted* words, `code`, a [link](https://example.org/a_b) and ~~gone~~.\n\n- **one**: first\n- *two*\n\n> said **so**\n\n| a | b |\n|---|---|\n| **c** | `d` |\n\n```py\nx = 1\n```\n\nThe end.";
    const growing = new GrowingText();
    for (let end = 1; end <= answer.length; end += 1)
      expect(growing.read(answer.slice(0, end), true).map(words).join("\n")).not.toMatch(/\*|`|~|#|\[|\]|>|https|--/);
  });
});
