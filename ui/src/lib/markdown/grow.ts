import { type Definitions, nothingDefined, plain, read } from "./read";
import { settle } from "./settle";
import type { Block, Code, Item, List, Placed, Row, Table } from "./tree";

/** A finished block: it keeps its node until a definition that it may refer to comes or goes. */
type Frozen = { block: Block; source: string; candidates: string[] };

/** What is finished of the last block, where that is a list or a table: the text that follows is read without it. */
type Head =
  | { kind: "list"; from: number; start: number; items: Item[]; candidates: string[] }
  /** `opening`: the source up to its second line, which tells that the next ones are rows. */
  | { kind: "table"; from: number; opening: string; header: Row; rows: Row[]; candidates: string[] };

/** A top-level fence that has not ended: `from` is where its content begins, `seen` how far its lines are known not to end it. */
type Fence = { end: RegExp; from: number; seen: number; code: Code };

type Shown = { text: string; growing: boolean; blocks: Block[] };

/**
 * Markdown that grows at its end. Every block but the last stays the same object while text is added; only the last one is read again.
 *
 * Why this gives what reading everything afresh gives (and a property test compares): Markdown decides blocks line by line, and keeps only the
 * last top-level block open. Once another one has begun *on a complete line*, the blocks before it are closed for good. An incomplete line
 * proves nothing: `2` after a list is a paragraph, and with the next letter, `2.`, an item of it. The same holds for the items of a list and
 * the rows of a table. Only definitions reach across blocks: they are collected, and blocks that name one are read again when it comes,
 * changes or goes. A definition may go on in the lines below it, so those that follow the last closed block are read with the open one.
 */
export class GrowingText {
  private text = "";
  private frozen: Frozen[] = [];
  private head: Head | null = null;
  private fence: Fence | null = null;
  /** Where the text begins that is read again. */
  private from = 0;
  /** Up to where it was tried to close something. */
  private tried = 0;
  /** What is defined in what is frozen, and in all of the text. */
  private kept = nothingDefined();
  private defined = nothingDefined();
  private open: Block[] = [];
  private shown: Shown | null = null;

  /** The blocks of `source`. `growing`: its end may be half-written, and is settled so that no mark flashes up for a moment. */
  read(source: string, growing = false): Block[] {
    const text = plain(source);
    if (this.shown?.text === text && this.shown.growing === growing) return this.shown.blocks;
    if (!text.startsWith(this.text)) this.forget();
    if (this.shown === null || text !== this.text) {
      this.text = text;
      if (!this.lengthenFence()) this.readTail();
    }
    const last = growing
      ? settle(this.text.slice(this.from), this.open, this.defined, (tail) => this.parse(tail).map(({ block }) => block))
      : this.open;
    const blocks = [...this.frozen.map(({ block }) => block), ...this.withHead(last)];
    this.shown = { text, growing, blocks };
    return blocks;
  }

  /** Whether `source` is what was read, or goes on from there. */
  leadsTo(source: string): boolean {
    return this.text !== "" && source.startsWith(this.text);
  }

  private forget() {
    this.frozen = [];
    this.head = null;
    this.fence = null;
    this.from = 0;
    this.tried = 0;
    this.kept = nothingDefined();
    this.defined = nothingDefined();
  }

  private parse(tail: string): Placed[] {
    return this.parseWith(tail, this.defined).placed;
  }

  private parseWith(tail: string, known: Definitions) {
    return read(this.head?.kind === "table" ? this.head.opening + tail : tail, known);
  }

  private readTail() {
    let result = this.parseWith(this.text.slice(this.from), this.kept);
    if (this.close(result.placed)) result = this.parseWith(this.text.slice(this.from), this.kept);
    const changed = difference(result.definitions, this.defined);
    this.defined = result.definitions;
    if (changed.length > 0) {
      if (this.head && concerns(this.head.candidates, changed)) {
        this.from = this.head.from;
        this.tried = this.from;
        this.head = null;
        result = this.parseWith(this.text.slice(this.from), this.defined);
      }
      for (const frozen of this.frozen)
        if (concerns(frozen.candidates, changed)) frozen.block = read(frozen.source, this.defined).placed[0]?.block ?? frozen.block;
    }
    this.open = result.placed.map(({ block }) => block);
    this.openFence();
  }

  /** Freezes what complete lines have closed; whether there was anything. */
  private close(placed: Placed[]): boolean {
    const end = this.text.lastIndexOf("\n") + 1;
    if (end <= this.tried || !placed.some(({ parts }, at) => at > 0 || parts.length > 1)) return false;
    this.tried = end;
    // What the incomplete line is taken for says nothing: the blocks are those of the complete ones.
    const tail = this.text.slice(this.from, end);
    const complete = end === this.text.length ? placed : this.parse(tail);
    const lines = lineStarts(tail);
    const opening = this.head?.kind === "table" ? lineStarts(this.head.opening).length - 1 : 0;
    const from = this.from;
    const at = (line: number) => from + (lines[line - opening] ?? tail.length);
    const last = complete.at(-1);
    const before = complete.at(-2);
    if (before) {
      const closed = at(before.end);
      this.kept = this.parseWith(this.text.slice(from, closed), this.kept).definitions;
      for (const [index, { block, line }] of complete.slice(0, -1).entries()) {
        const begin = index === 0 ? (this.head?.from ?? from) : at(line);
        const source = this.text.slice(begin, at(complete[index + 1]?.line ?? 0));
        this.frozen.push({ block: this.withHead([block])[0] ?? block, source, candidates: candidatesIn(source) });
        this.head = null;
      }
      this.from = closed;
    }
    const shortened = last !== undefined && this.closeParts(last, at);
    return before !== undefined || shortened;
  }

  /** Freezes all items or rows but the last. */
  private closeParts({ block, parts }: Placed, at: (line: number) => number): boolean {
    if (block.kind === "list") return this.closeItems(block, at(parts.at(-1) ?? 0));
    return block.kind === "table" && this.closeRows(block, at(parts[1] ?? 0), at(parts.at(-1) ?? 0));
  }

  private closeItems({ start, items }: List, last: number): boolean {
    if (items.length < 2) return false;
    const source = this.text.slice(this.from, last);
    this.head ??= { kind: "list", from: this.from, start, items: [], candidates: [] };
    if (this.head.kind !== "list") return false;
    this.kept = this.parseWith(source, this.kept).definitions;
    this.head.items.push(...items.slice(0, -1));
    this.head.candidates.push(...candidatesIn(source));
    this.from = last;
    return true;
  }

  private closeRows({ header, rows }: Table, first: number, last: number): boolean {
    if (rows.length < 2) return false;
    this.head ??= { kind: "table", from: this.from, opening: this.text.slice(this.from, first), header, rows: [], candidates: [] };
    if (this.head.kind !== "table") return false;
    this.head.rows.push(...rows.slice(0, -1));
    this.head.candidates.push(...candidatesIn(this.text.slice(this.from, last)));
    this.from = last;
    return true;
  }

  /** The blocks together with what was frozen of the first one. */
  private withHead(blocks: Block[]): Block[] {
    const [first, ...rest] = blocks;
    const { head } = this;
    if (head?.kind === "list" && first?.kind === "list")
      return [{ ...first, start: head.start, items: [...head.items, ...first.items] }, ...rest];
    if (head?.kind === "table" && first?.kind === "table")
      return [{ ...first, header: head.header, rows: [...head.rows, ...first.rows] }, ...rest];
    return blocks;
  }

  /** Lines that are added to an open fence are looked at once, and not read as Markdown. */
  private openFence() {
    const [code] = this.open;
    this.fence = null;
    if (this.open.length !== 1 || code?.kind !== "code" || this.head) return;
    const opening = /^(`{3,}|~{3,})[^\n]*\n/.exec(this.text.slice(this.from));
    if (!opening?.[1]) return;
    const end = new RegExp(`^ {0,3}${opening[1][0]}{${opening[1].length},}[ \\t]*$`);
    const from = this.from + opening[0].length;
    this.fence = { end, from, seen: from, code };
    this.lengthenFence();
  }

  private lengthenFence(): boolean {
    const { fence } = this;
    if (!fence) return false;
    for (let next = this.text.indexOf("\n", fence.seen); next >= 0; next = this.text.indexOf("\n", fence.seen)) {
      if (fence.end.test(this.text.slice(fence.seen, next))) {
        this.fence = null;
        return false;
      }
      fence.seen = next + 1;
    }
    // As in the reader, blanks that no line ending follows are no line.
    const closed = fence.end.test(this.text.slice(fence.seen));
    const text = this.text.slice(fence.from, closed ? fence.seen : this.text.length).replace(/(?:^|\n)[ \t]*$/, "");
    this.open = [{ ...fence.code, text, closed }];
    return true;
  }
}

const lineStarts = (text: string): number[] => [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];

/** What may be a label in `source`: between brackets. Blanks and quote marks do not count, because a label may go on in the next line of a quotation. */
function candidatesIn(source: string): string[] {
  if (!source.includes("]")) return [];
  return [...source.matchAll(/\[((?:\\.|[^[\]\\])*)\]/gs)].map(([, label = ""]) => loose(label));
}

const loose = (label: string): string => label.toLowerCase().toUpperCase().replace(/[\s>]/g, "");

const concerns = (candidates: string[], changed: string[]): boolean =>
  candidates.length > 0 && changed.some((label) => candidates.includes(label));

/** The labels that the two do not define alike, as candidates are written. */
function difference(one: Definitions, other: Definitions): string[] {
  const changed: string[] = [];
  for (const label of new Set([...Object.keys(one.links), ...Object.keys(other.links)]))
    if (one.links[label]?.href !== other.links[label]?.href) changed.push(loose(label));
  for (const label of new Set([...Object.keys(one.notes), ...Object.keys(other.notes)]))
    if (one.notes[label] !== other.notes[label]) changed.push(loose(`^${label}`));
  return changed;
}
