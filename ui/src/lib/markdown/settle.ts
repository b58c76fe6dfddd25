import { formulaAt } from "./math";
import { type Definitions, readWords } from "./read";
import type { Block, Words } from "./tree";

const item = String.raw`(?:(?:[-+*]|\d{1,9}[.)])\s+)*`;
/** A last line of which only the marks have come: of an item, a heading, an underline, a box, a cell. What it will be is not decided. */
const bareLine = new RegExp(String.raw`^[\s>]*${item}(?:\[[ xX]?\]?\s*|#{1,6}\s*|[-=*_+~${"`"}|:\s$\\<![]+|\d{1,9}[.)]?)?$`);
const openingFence = new RegExp(String.raw`^[\s>]*${item}(?:${"`"}{3,}|~{3,})[^\n]*$`);
const closingFence = /^[\s>]*(?:`+|~+)$/;
const delimiterRow = /^[\s>]*\|?[|:\-\s]*$/;
const tableRow = new RegExp(String.raw`^[\s>]*${item}\|`);
/** A definition or a note as it begins; or a link, which comes a moment later for it. */
const mayDefine = /^\[[^\]\n]*\]?:?$/;

const longestFormula = 400;
const longestLabel = 80;

/**
 * The blocks of a text whose end may be half-written, as they will be when what is begun there ends well: bold is closed, a link shows its
 * words and not half an address, and marks that do not say yet what they are wait for the next ones. `blocks` are those of `tail` as it
 * stands, and `read` reads another tail in its place. Nothing that the text says is lost by it: the next reading begins with the whole text
 * again, and the last one settles nothing.
 */
export function settle(tail: string, blocks: Block[], defined: Definitions, read: (tail: string) => Block[]): Block[] {
  const held = holdBack(tail, leafOf(blocks));
  const shown = held === tail ? blocks : read(held);
  // What a blank line follows is as it will stay.
  return /\n[ \t]*\n$/.test(held) ? shown : closeLast(shown, held, defined);
}

const childrenOf = (block: Block): Block[] =>
  block.kind === "quote" || block.kind === "note" ? block.children : block.kind === "list" ? (block.items.at(-1)?.children ?? []) : [];

/** The block in which the text ends, however deep. */
function leafOf(blocks: Block[]): Block | undefined {
  const last = blocks.at(-1);
  return last && (leafOf(childrenOf(last)) ?? last);
}

/** The tail without a last line that does not say yet what it is. */
function holdBack(tail: string, leaf: Block | undefined): string {
  const lineAt = tail.lastIndexOf("\n") + 1;
  const line = tail.slice(lineAt);
  const without = tail.slice(0, lineAt);
  if (leaf?.kind === "formula") return tail;
  if (leaf?.kind === "code") {
    const opens = leaf.text === "" && openingFence.test(line);
    return opens || (!leaf.closed && closingFence.test(line)) ? without : tail;
  }
  const bare = line !== "" && bareLine.test(line);
  if (leaf?.kind !== "paragraph") return bare ? without : tail;
  if (bare) return withoutHalfTable(without);
  if (line !== "" && mayDefine.test(leaf.words.source)) return without;
  return withoutHalfTable(tail);
}

/** Without a row that may turn out to be the head of a table, while the line below it is missing or half-written. */
function withoutHalfTable(tail: string): string {
  const lines = tail.replace(/\n$/, "").split("\n");
  const row = (at: number) => tableRow.test(lines.at(at) ?? "");
  const hold = row(-1) && !row(-2) ? 1 : row(-2) && !row(-3) && delimiterRow.test(lines.at(-1) ?? "") ? 2 : 0;
  if (hold === 0) return tail;
  return lines
    .slice(0, -hold)
    .map((line) => `${line}\n`)
    .join("");
}

/** The blocks with the last words closed. */
function closeLast(blocks: Block[], tail: string, defined: Definitions): Block[] {
  const last = blocks.at(-1);
  if (!last) return blocks;
  const rest = blocks.slice(0, -1);
  const words = (given: Words): Words => {
    const source = closeWords(given.source);
    return source === given.source ? given : { source, children: readWords(source, defined) };
  };
  switch (last.kind) {
    case "paragraph":
    case "heading":
      return [...rest, { ...last, words: words(last.words) }];
    case "quote":
    case "note":
      return [...rest, { ...last, children: closeLast(last.children, tail, defined) }];
    case "list": {
      const open = last.items.at(-1);
      if (!open) return blocks;
      return [...rest, { ...last, items: [...last.items.slice(0, -1), { ...open, children: closeLast(open.children, tail, defined) }] }];
    }
    case "table": {
      const row = last.rows.at(-1);
      // Short rows are filled with empty cells, so the cell in which the text ends is the last that is not empty.
      const at = row?.cells.findLastIndex(({ source }) => source !== "") ?? -1;
      const cell = row?.cells[at];
      if (!row || !cell || /\|\s*$/.test(tail)) return blocks;
      return [...rest, { ...last, rows: [...last.rows.slice(0, -1), { ...row, cells: row.cells.with(at, words(cell)) }] }];
    }
    default:
      return blocks;
  }
}

type Mark = { sign: string; length: number };

/**
 * Words with what is open at their end closed, or held back where its beginning alone would show as something else. Follows the rules of
 * Markdown closely enough for what people and models write; where it errs, a mark shows for as long as the answer is on its way.
 */
export function closeWords(source: string): string {
  const text = source.replace(/(?:[*_~]+|!?\[|<|\\)$/, "");
  const marks: Mark[] = [];
  const brackets: number[] = [];
  const closed = (body: string, code = "") => {
    const ends = marks
      .reverse()
      .map(({ sign, length }) => sign.repeat(length))
      .join("");
    return code || ends ? body.trimEnd() + code + ends : body;
  };
  let at = 0;
  while (at < text.length) {
    const sign = text[at] ?? "";
    const rest = text.slice(at, at + 2 * longestFormula);
    if (sign === "\\" || sign === "$") {
      const formula = formulaAt(text, at);
      if (formula) at = formula.end;
      else if (mayBeFormula(rest) && text.length - at < longestFormula) return closed(text.slice(0, at));
      else at += sign === "\\" ? 2 : 1;
    } else if (sign === "`") {
      const run = /^`+/.exec(rest)?.[0] ?? sign;
      const end = endOfCode(text, at + run.length, run);
      if (end < 0) return at + run.length === text.length ? closed(text.slice(0, at)) : closed(text, run);
      at = end;
    } else if (sign === "<") {
      if (/^<(?:https?:|mailto:)[^\s>]*$/.test(rest)) return closed(text.slice(0, at));
      at += /^<(?:https?:|mailto:)[^\s>]*>/.exec(rest)?.[0].length ?? 1;
    } else if (sign === "[") {
      brackets.push(at);
      at += 1;
    } else if (sign === "]") {
      const open = brackets.pop();
      const address = /^\](?:\((?:[^()\\\n]|\\.|\([^()\n]*\))*\)|\[[^\]\n]*\])/.exec(rest)?.[0];
      if (open !== undefined && !address && /^\](?:\([^\n]*|\[[^\]\n]*)?$/.test(rest)) return closed(unlinked(text, open, at));
      at += address?.length ?? 1;
    } else if (sign === "*" || sign === "_" || sign === "~") {
      const length = text.slice(at).search(new RegExp(`[^${sign}]|$`));
      follow(marks, { sign, length }, text[at - 1] ?? " ", text[at + length] ?? " ");
      at += length;
    } else at += 1;
  }
  const open = brackets.at(-1);
  if (open === undefined || text.length - open > longestLabel || text.slice(open).includes("\n")) return closed(text);
  return closed(unlinked(text, open, text.length));
}

/** A run of marks between `before` and `after`: closes what is open, or opens. */
function follow(marks: Mark[], run: Mark, before: string, after: string) {
  if (run.sign === "~" && run.length !== 2) return;
  const word = /[\p{L}\p{N}]/u;
  const closes = /\S/.test(before) && (run.sign !== "_" || !word.test(after));
  while (closes && run.length > 0) {
    const at = marks.findLastIndex(({ sign }) => sign === run.sign);
    const opener = marks[at];
    if (!opener) break;
    const used = Math.min(run.length, opener.length);
    run.length -= used;
    opener.length -= used;
    marks.length = opener.length > 0 ? at + 1 : at;
  }
  // A star inside a word is a product sooner than the beginning of emphasis.
  if (run.length > 0 && run.length <= 3 && /\S/.test(after) && !word.test(before)) marks.push(run);
}

const mayBeFormula = (rest: string): boolean =>
  /^\\[([]/.test(rest) || (/^\${1,2}[^\s\d$][^$\n]*$/.test(rest) && (/[\\^_{}=]/.test(rest) || !/\s/.test(rest)));

function endOfCode(text: string, from: number, run: string): number {
  for (const match of text.slice(from).matchAll(/`+/g)) if (match[0].length === run.length) return from + match.index + run.length;
  return -1;
}

/** The words of a link whose address has not come; of a picture or a note that has not, nothing. */
function unlinked(text: string, open: number, end: number): string {
  const words = text.slice(open + 1, end);
  if (text[open - 1] === "!") return text.slice(0, open - 1);
  return words.startsWith("^") ? text.slice(0, open) : text.slice(0, open) + words;
}
