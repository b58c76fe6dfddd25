import { describe, expect, it } from "vitest";
import { highlight } from "./highlight";

const seen = (text: string, language: string) => highlight(text, language).flatMap(({ text, kind }) => (kind ? [`${kind} ${text}`] : []));

describe("code as it is coloured", () => {
  it.each([
    [
      "python",
      'from x import y  # why\nz = "a # b" + 12',
      ["keyword from", "keyword import", "comment # why", 'string "a # b"', "number 12"],
    ],
    ["rust", "let a = b'c'; // no\n/* two\nlines */", ["keyword let", "string 'c'", "comment // no", "comment /* two\nlines */"]],
    ["sql", "SELECT 'a--b' -- end", ["keyword SELECT", "string 'a--b'", "comment -- end"]],
    ["python", 'unfinished = "half', []],
  ])("%s shows %s", (language, text, tokens) => expect(seen(text, language)).toEqual(tokens));

  it("unknown_language_stays_plain", () => expect(highlight("if x then", "brainflower")).toEqual([{ text: "if x then", kind: null }]));

  it("tokens_joined_give_the_text_again", () => {
    const text = "const é = `a `b` /* open \"\n 0x1F; it's";
    for (const language of ["ts", "python", "sql", ""])
      expect(
        highlight(text, language)
          .map((token) => token.text)
          .join(""),
      ).toBe(text);
  });
});
