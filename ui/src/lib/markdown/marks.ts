import { plain, read } from "./read";
import type { Block, Inline, Item, Row, Words } from "./tree";

/** A place in the source behind which something is shown; `at` says which. */
export type Mark = { end: number; at: number };

// A sign that nobody types, and that Markdown takes for punctuation: emphasis closes before it as it would before a full stop.
const sign = "\u2E0E";
const found = new RegExp(`${sign}(\\d+)${sign}`);

/**
 * The blocks of `source` with its marks among their words. They are put into the source and read with it, because only Markdown knows where a
 * place in its source ends up. A block that would be read differently for them is left without: a mark never changes what is read.
 */
export function withMarks(source: string, blocks: Block[], marks: readonly Mark[]): Block[] {
  if (marks.length === 0 || source.includes(sign)) return blocks;
  let marked = "";
  let from = 0;
  for (const { end, at } of marks) {
    marked += `${source.slice(from, end)}${sign}${at}${sign}`;
    from = end;
  }
  const other = read(plain(marked + source.slice(from))).placed.map(({ block }) => block);
  if (other.length !== blocks.length) return blocks;
  return blocks.map((block, place) => {
    const text = JSON.stringify(other[place]);
    if (!text.includes(sign)) return block;
    const without = text.replace(new RegExp(found, "g"), "");
    return without === JSON.stringify(block) ? (split(other[place] as Block) ?? block) : block;
  });
}

/** The block with signs made marks; null where one stands in what is no words. */
function split(block: Block): Block | null {
  const result = splitBlock(block);
  return JSON.stringify(result).includes(sign) ? null : result;
}

const splitWords = ({ source, children }: Words): Words => ({
  source: source.replace(new RegExp(found, "g"), ""),
  children: children.flatMap(splitInline),
});

function splitBlock(block: Block): Block {
  switch (block.kind) {
    case "paragraph":
    case "heading":
      return { ...block, words: splitWords(block.words) };
    case "quote":
    case "note":
      return { ...block, children: block.children.map(splitBlock) };
    case "list":
      return { ...block, items: block.items.map((item): Item => ({ ...item, children: item.children.map(splitBlock) })) };
    case "table": {
      const row = (one: Row): Row => ({ ...one, cells: one.cells.map(splitWords) });
      return { ...block, header: row(block.header), rows: block.rows.map(row) };
    }
    default:
      return block;
  }
}

function splitInline(node: Inline): Inline[] {
  if (node.kind === "link") {
    // A link is pressed as a whole: what stands in its words is put behind it.
    const text = JSON.stringify(node);
    const marks = [...text.matchAll(new RegExp(found, "g"))].map(([, at]): Inline => ({ kind: "mark", at: Number(at) }));
    return [marks.length > 0 ? JSON.parse(text.replace(new RegExp(found, "g"), "")) : node, ...marks];
  }
  if ("children" in node) return [{ ...node, children: node.children.flatMap(splitInline) }];
  if (node.kind !== "text") return [node];
  return node.text.split(found).flatMap((text, place): Inline[] => {
    if (place % 2 === 1) return [{ kind: "mark", at: Number(text) }];
    return text === "" ? [] : [{ kind: "text", text }];
  });
}
