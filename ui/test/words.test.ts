import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogues, tongues } from "@/lib/words";
import { en } from "@/lib/words/en";
import { plural } from "@/lib/words/plural";

type Leaf = string | ((...given: never[]) => string);

/** Every word of a catalogue by the path to it: `chat.notes.label`. */
function leaves(node: object, path = ""): Map<string, Leaf> {
  return new Map(
    Object.entries(node).flatMap(([key, value]: [string, Leaf | object]): [string, Leaf][] => {
      const at = path ? `${path}.${key}` : key;
      return typeof value === "object" ? [...leaves(value, at)] : [[at, value]];
    }),
  );
}

const source = join(import.meta.dirname, "../src");
const wordsFolder = join(source, "lib/words");

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return path === wordsFolder ? [] : filesBelow(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.|bindings\.ts$/.test(entry.name) ? [path] : [];
  });
}

const sources = filesBelow(source).map((path) => ({ path: path.slice(source.length + 1), text: readFileSync(path, "utf8") }));
const english = leaves(en);
const nodes = new Set(
  [...english.keys()].flatMap((path) =>
    path
      .split(".")
      .slice(0, -1)
      .map((_, at, parts) => parts.slice(0, at + 1).join(".")),
  ),
);

/** The chains `words.a.b` that a source writes, also by way of `const text = words.a`. */
function chains(text: string): string[] {
  if (!/from "(?:@\/lib|\.)\/words"/.test(text)) return [];
  let all = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
  for (let round = 0; round < 2; round += 1)
    for (const [, name = "", path = ""] of all.matchAll(/\bconst (\w+) = words((?:\.\w+)+);/g))
      all = all.replace(new RegExp(`(?<![\\w.])${name}(?=[.\\[])`, "g"), `words${path}`);
  // What an alias is defined as is not a use of all that is below it.
  all = all.replace(/\bconst \w+ = words(?:\.\w+)+;/g, "");
  return [...all.matchAll(/(?<![\w.])words((?:\s*\.\s*\w+)+)/g)].map(([, path = ""]) => path.replace(/\s/g, "").slice(1));
}

/** What a chain names: a word, or a whole part of the catalogue that is looked into by a name known only at run time. */
function named(chain: string): string | null {
  const parts = chain.split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const path = parts.slice(0, length).join(".");
    if (english.has(path)) return path;
    if (nodes.has(path)) return length === parts.length ? path : null;
  }
  return null;
}

const used = sources.flatMap(({ path, text }) => chains(text).map((chain) => ({ path, chain, names: named(chain) })));

describe("the catalogue", () => {
  it("no_key_is_used_that_is_missing", () => {
    expect(used.length).toBeGreaterThan(300);
    expect(used.filter(({ names }) => names === null).map(({ path, chain }) => `${path}: words.${chain}`)).toEqual([]);
  });

  it("no_key_is_unused", () => {
    const reached = new Set(used.map(({ names }) => names));
    const isUsed = (path: string) => path.split(".").some((_, at, parts) => reached.has(parts.slice(0, at + 1).join(".")));
    expect([...english.keys()].filter((path) => !isUsed(path))).toEqual([]);
  });

  it("no_word_is_empty", () => {
    expect([...english].filter(([, word]) => typeof word === "string" && word.trim() === "")).toEqual([]);
  });

  it("every_catalogue_on_disk_is_a_language_that_is_offered", () => {
    const files = readdirSync(wordsFolder).flatMap((name) => /^(.+)\.ts$/.exec(name)?.[1] ?? []);
    const languages = files.filter((name) => name !== "plural" && name !== "en");
    expect(languages.sort()).toEqual(Object.keys(catalogues).sort());
    for (const language of languages) expect(tongues).toHaveProperty([language]);
  });

  const others = Object.entries(catalogues);
  it.runIf(others.length > 0).each(others)("%s_has_exactly_the_english_keys_and_takes_what_they_take", async (_, load) => {
    const other = leaves(await load());
    expect([...other.keys()].sort()).toEqual([...english.keys()].sort());
    const shape = (word: Leaf | undefined) => (typeof word === "function" ? word.length : typeof word);
    expect([...english].filter(([path, word]) => shape(other.get(path)) !== shape(word)).map(([path]) => path)).toEqual([]);
    expect([...other].filter(([, word]) => typeof word === "string" && word.trim() === "")).toEqual([]);
  });

  it("dates_and_numbers_are_written_in_one_place", () => {
    const elsewhere = sources.filter(
      ({ path, text }) =>
        path !== "lib/format.ts" && path !== "lib/words.ts" && /\bIntl\.|\.toLocale\w*String\(|"en-GB"|"en-US"/.test(text),
    );
    expect(elsewhere.map(({ path }) => path)).toEqual([]);
  });
});

describe("numbers in sentences", () => {
  it.each([
    ["en-GB", 1, "1 file"],
    ["en-GB", 1204, "1,204 files"],
    ["de", 1204, "1.204 files"],
  ])("in %s %d is counted as %s", (locale, value, text) => {
    expect(plural(locale, value, { one: "# file", other: "# files" })).toBe(text);
  });

  it("a_language_may_tell_more_kinds_apart_and_leave_the_number_out", () => {
    const forms = { zero: "none", one: "one", two: "a pair", few: "# few", many: "# many", other: "# other" };
    expect([0, 1, 2, 5, 11, 100].map((value) => plural("ar", value, forms))).toEqual([
      "none",
      "one",
      "a pair",
      expect.stringMatching(/few$/),
      expect.stringMatching(/many$/),
      expect.stringMatching(/other$/),
    ]);
  });
});
