import type { Token } from "markdown-it";

/** What is written among words. */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "emphasis" | "strong" | "deleted"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "math"; tex: string; display: boolean }
  | { kind: "break" }
  | { kind: "link"; url: string; children: Inline[] }
  | { kind: "picture"; alt: string }
  | { kind: "note"; label: string }
  /** Stands behind a statement that has something to show: no part of what is written. */
  | { kind: "mark"; at: number };

/** Words as they were written, and as they are read. */
export type Words = { source: string; children: Inline[] };

export type Paragraph = { kind: "paragraph"; words: Words };
export type Heading = { kind: "heading"; level: number; words: Words };
export type Code = { kind: "code"; language: string; text: string; closed: boolean };
export type Formula = { kind: "formula"; tex: string; closed: boolean };
export type Quote = { kind: "quote"; children: Block[] };
/** `checked` is null for what is no task. */
export type Item = { kind: "item"; checked: boolean | null; children: Block[] };
export type List = { kind: "list"; ordered: boolean; start: number; items: Item[] };
export type Row = { kind: "row"; cells: Words[] };
export type Align = "start" | "center" | "end" | null;
export type Table = { kind: "table"; align: Align[]; header: Row; rows: Row[] };
/** What a footnote says. */
export type Note = { kind: "note"; label: string; children: Block[] };
export type Block = Paragraph | Heading | Code | Formula | Quote | List | Table | Note | { kind: "rule" };

/** A top-level block, the lines at which it begins and behind which it ends, and those at which its items or rows begin. */
export type Placed = { block: Block; line: number; end: number; parts: number[] };

/** A reader of a flat list of tokens that opens and closes. */
class Tokens {
  private at = 0;
  constructor(private readonly list: Token[]) {}
  next = (): Token | undefined => {
    const token = this.list[this.at];
    this.at += 1;
    return token;
  };
}

/** The tree of a parsed text. */
export function treeOf(list: Token[]): Placed[] {
  const tokens = new Tokens(list);
  const placed: Placed[] = [];
  for (let token = tokens.next(); token; token = tokens.next()) {
    const parts: number[] = [];
    const block = blockOf(token, tokens, parts);
    if (block) placed.push({ block, line: token.map?.[0] ?? 0, end: token.map?.[1] ?? 0, parts });
  }
  return placed;
}

function blockOf(token: Token, tokens: Tokens, parts: number[]): Block | null {
  switch (token.type) {
    case "paragraph_open":
      return { kind: "paragraph", words: wordsUpTo("paragraph_close", tokens) };
    case "heading_open":
      return { kind: "heading", level: Number(token.tag.slice(1)), words: wordsUpTo("heading_close", tokens) };
    case "fence":
      return { kind: "code", language: /^\s*(\S*)/.exec(token.info)?.[1] ?? "", text: trimEnd(token.content), closed: isClosed(token) };
    case "code_block":
      return { kind: "code", language: "", text: trimEnd(token.content), closed: true };
    case "formula":
      return { kind: "formula", tex: token.content, closed: token.meta?.closed === true };
    case "hr":
      return { kind: "rule" };
    case "blockquote_open":
      return { kind: "quote", children: blocksUpTo("blockquote_close", tokens) };
    case "note_open":
      return { kind: "note", label: token.info, children: blocksUpTo("note_close", tokens) };
    case "bullet_list_open":
    case "ordered_list_open":
      return listOf(token, tokens, parts);
    case "table_open":
      return tableOf(tokens, parts);
    default:
      return null;
  }
}

function blocksUpTo(close: string, tokens: Tokens): Block[] {
  const blocks: Block[] = [];
  for (let token = tokens.next(); token && token.type !== close; token = tokens.next()) {
    const block = blockOf(token, tokens, []);
    if (block) blocks.push(block);
  }
  return blocks;
}

function listOf(open: Token, tokens: Tokens, parts: number[]): List {
  const ordered = open.type === "ordered_list_open";
  const items: Item[] = [];
  for (let token = tokens.next(); token?.type === "list_item_open"; token = tokens.next()) {
    parts.push(token.map?.[0] ?? 0);
    items.push(taskOf(blocksUpTo("list_item_close", tokens)));
  }
  return { kind: "list", ordered, start: Number(open.attrGet("start") ?? 1), items };
}

/** An item that begins with a box is a task. */
function taskOf(children: Block[]): Item {
  const [first, ...rest] = children;
  const text = first?.kind === "paragraph" ? first.words.children[0] : undefined;
  const box = text?.kind === "text" ? /^\[([ xX])\]\s+(?=\S|$)/.exec(text.text) : null;
  if (first?.kind !== "paragraph" || text?.kind !== "text" || !box) return { kind: "item", checked: null, children };
  const { source, children: inlines } = first.words;
  const words = { source, children: [{ ...text, text: text.text.slice(box[0].length) }, ...inlines.slice(1)] };
  return { kind: "item", checked: box[1] !== " ", children: [{ ...first, words }, ...rest] };
}

function tableOf(tokens: Tokens, parts: number[]): Table {
  const rows: Row[] = [];
  const align: Align[] = [];
  let cells: Words[] = [];
  for (let token = tokens.next(); token && token.type !== "table_close"; token = tokens.next()) {
    if (token.type === "tr_open") {
      cells = [];
      rows.push({ kind: "row", cells });
      parts.push(token.map?.[0] ?? 0);
    } else if (token.type === "th_open" || token.type === "td_open") {
      if (token.type === "th_open") align.push(alignOf(token));
      cells.push(wordsUpTo(token.type === "th_open" ? "th_close" : "td_close", tokens));
    }
  }
  const [header = { kind: "row", cells: [] }, ...body] = rows;
  return { kind: "table", align, header, rows: body };
}

function alignOf(cell: Token): Align {
  const style = String(cell.attrGet("style") ?? "");
  return style.endsWith("center") ? "center" : style.endsWith("right") ? "end" : style.endsWith("left") ? "start" : null;
}

function wordsUpTo(close: string, tokens: Tokens): Words {
  let words: Words = { source: "", children: [] };
  for (let token = tokens.next(); token && token.type !== close; token = tokens.next())
    if (token.type === "inline") words = { source: token.content, children: inlinesOf(token.children ?? []) };
  return words;
}

export const inlinesOf = (list: Token[]): Inline[] => inlinesUpTo(null, new Tokens(list));

function inlinesUpTo(close: string | null, tokens: Tokens): Inline[] {
  const inlines: Inline[] = [];
  for (let token = tokens.next(); token && token.type !== close; token = tokens.next()) {
    const inline = inlineOf(token, tokens);
    const last = inlines.at(-1);
    if (inline?.kind === "text" && last?.kind === "text") last.text += inline.text;
    else if (inline && !(inline.kind === "text" && inline.text === "")) inlines.push(inline);
  }
  return inlines;
}

function inlineOf(token: Token, tokens: Tokens): Inline | null {
  switch (token.type) {
    case "text":
      return { kind: "text", text: token.content };
    case "softbreak":
      return { kind: "text", text: "\n" };
    case "hardbreak":
      return { kind: "break" };
    case "code_inline":
      return { kind: "code", text: token.content };
    case "math":
      return { kind: "math", tex: token.content, display: token.meta?.display === true };
    case "note":
      return { kind: "note", label: token.content };
    case "image":
      return { kind: "picture", alt: token.content };
    case "em_open":
      return { kind: "emphasis", children: inlinesUpTo("em_close", tokens) };
    case "strong_open":
      return { kind: "strong", children: inlinesUpTo("strong_close", tokens) };
    case "s_open":
      return { kind: "deleted", children: inlinesUpTo("s_close", tokens) };
    case "link_open":
      return { kind: "link", url: String(token.attrGet("href") ?? ""), children: inlinesUpTo("link_close", tokens) };
    default:
      return null;
  }
}

const trimEnd = (code: string): string => code.replace(/\n$/, "");

/** Whether a fence has its second line of marks, and does not just end with the text. */
function isClosed({ content, map }: Token): boolean {
  const lines = content === "" ? 0 : trimEnd(content).split("\n").length;
  return map !== null && map[1] - map[0] === lines + 2;
}
