import type { Element, Root, Text } from "hast";
import { common, createLowlight } from "lowlight";
import { type Kind, kinds } from "./kind";

/** Which of the names that highlight.js gives is which kind; a name may have a further part, as in `title.function`. */
const kindOf: Record<string, Kind> = {
  comment: "comment",
  quote: "comment",
  doctag: "keyword",
  keyword: "keyword",
  literal: "keyword",
  "selector-tag": "keyword",
  name: "keyword",
  string: "string",
  regexp: "string",
  symbol: "string",
  char: "string",
  link: "string",
  code: "string",
  number: "number",
  title: "title",
  section: "title",
  type: "type",
  built_in: "type",
  "selector-class": "type",
  "selector-id": "type",
  "selector-pseudo": "type",
  attr: "attribute",
  attribute: "attribute",
  property: "attribute",
  variable: "attribute",
  "template-variable": "attribute",
  bullet: "keyword",
  meta: "meta",
  addition: "added",
  deletion: "removed",
};

const lowlight = createLowlight(common);
lowlight.registerAlias({
  bash: ["shell-session", "terminal"],
  typescript: ["tsx", "mts", "cts"],
  javascript: ["jsx"],
  json: ["jsonc", "json5"],
  ini: ["toml"],
});

/** Three numbers a token: where it begins, where it ends, and its place in `kinds`. Null for a language that is not known. */
export function tokensOf(text: string, language: string): Uint32Array | null {
  const name = language.toLowerCase();
  if (!lowlight.registered(name)) return null;
  const numbers: number[] = [];
  let at = 0;
  const walk = (node: Root | Element | Text, kind: number) => {
    if (node.type === "text") {
      if (kind >= 0) numbers.push(at, at + node.value.length, kind);
      at += node.value.length;
      return;
    }
    const names = node.type === "element" ? node.properties.className : undefined;
    const given = Array.isArray(names) ? kindOf[String(names[0]).replace("hljs-", "").replace(/_+$/, "")] : undefined;
    const own = given ? kinds.indexOf(given) : kind;
    for (const child of node.children) if (child.type === "text" || child.type === "element") walk(child, own);
  };
  walk(lowlight.highlight(name, text), -1);
  return new Uint32Array(numbers);
}
