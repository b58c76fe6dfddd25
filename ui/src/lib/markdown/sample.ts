import answers from "./answers.md?raw";

/** Documents for the tests of reading Markdown while it grows. */

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

/** What GitHub and models add to CommonMark, and what reaches across blocks. */
export const extensions = [
  "| a | b |\n|---|:-:|\n| 1 | 2 |\n| **3** | `4` |\n| 5 |\n\nafter\n",
  "words\n| a | b |\n|--|--|\n| 1 | 2 |\n# end\n",
  "| a |\n|--|\nno pipe\n\n| not | a table |\n| -- |\n",
  "| a | b |\n| - | - |\n| [x] | [y]: z |\n| 1 \\| 2 | 3 |\n\n[x]: /u\n",
  "- [ ] open\n- [x] done\n  - [X] inside\n- [y] no task\n",
  "~~gone~~ and ~5 to ~10\n\n~~~js\nx\n~~~\n~~~~\nopen\n",
  "https://example.org/a_b_c and www.example.org, a@example.org.\n",
  "text[^1] and[^two].\n\n[^1]: the first\n    goes on\n\n    and has more\n\n[^two]: the second\n\nafter\n",
  "early [a] and [b][a]\n\n> quoted [c\n> d]\n\n- item [a]\n- other\n\n[a]: https://a.example\n[c d]: /two\n'a title\nover lines'\n",
  "[a]: /one\n[a]: /two\n\n[a]\n\n[b]: /three\n'title that does not end\n\nafter [b]\n",
  "$x^2$ costs $5 and $10\n\n$$\na + b\n$$\n\n\\[\nc\n\\]\nand \\(d\\)\n",
  "- one\n  $$\n  x\n  $$\n- two\n\n$$ never closed\nwords\n\nnext\n",
  "<div>\n\nraw *html* <b>x</b>\n\n</div>\n<!-- a\n\nb -->\nend\n",
  "1. a\n\n2. b\n\n3. c\n10) d\n11) e\n* f\n+ g\n",
  "1. a\n   - b\n     - c\n\n       d\n   - e\n2. f\n\n   ```\n   g\n   ```\n\n3. h\n",
  "- a\n\n\n- b\n\n      code\n-\n- c\n",
  "> a\nlazy\n> - b\n> c\n\n> d\n",
  "title\n===\n\nother\n---\n- a\n---\n",
  "\r\none\r\ntwo\r\n\r\n- a\r- b\r\n\r\n```\r\nx\r\n```\r\n",
  "nul \0 byte\n\n\uFEFFmark\n",
  "```mermaid\ngraph TD\n  A --> B\n```\n\n``````\n```\n``````\n",
  '![alt](x.png) ![ref][r]\n\n[r]: y.png "t"\n',
  "# a #\n####### no\n#no\n## b\n###\n",
  "* * *\n- - -\n***\n_ _ _\n**a**\n",
  "\ta\n\n\tb\n    c\n\n   d\n",
];

const blocks = [
  "A paragraph with **bold**, *slanted* and `code`.\nIts second line [links](https://example.org).",
  "## A heading",
  "- one\n- two\n  - inner\n- three",
  "1. first\n2. second\n\n3. third, loose",
  "> quoted\n> - with a list\n>\n> and more",
  "```ts\nconst a = [1, 2];\n\n```",
  "~~~\nopen fence?",
  "| a | b |\n|---|---|\n| 1 | [ref] |\n| 3 | 4 |",
  "---",
  "[ref]: https://example.org/ref",
  '[late]: /late\n"title"',
  "see [ref], [late] and a note[^n]",
  "[^n]: what is noted",
  "$$\n\\int_0^1 x\\,dx\n$$",
  "- [ ] task [late]\n- [x] done",
  "    indented code",
  "2",
  "Setext\n======",
  "<details>raw</details>",
  "- ```\n  code in an item\n  ```\n- after",
];

/** `count` documents of blocks thrown together, parted by one line ending, two or three. */
export function generated(count: number, seed: number): string[] {
  const next = random(seed);
  const pick = <T>(list: T[]): T => list[Math.floor(next() * list.length)] as T;
  return Array.from({ length: count }, () =>
    Array.from({ length: 2 + Math.floor(next() * 4) }, () => pick(blocks) + pick(["\n", "\n\n", "\n\n\n"])).join(""),
  );
}

/** Answers as models write them, long ones. */
export const longAnswers = answers.split("\n%%%%\n");
