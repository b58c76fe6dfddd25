const fence = /^\s*(`{3,}|~{3,})(.*)$/;
const listItem = /^(?:[-*+]|\d{1,9}[.)])\s/;
// A definition may stand anywhere and change blocks before it: then the text stays in one piece.
const definition = /^ {0,3}\[[^\]]+\]:\s/m;

/**
 * Splits Markdown at the blank lines that end a top-level block, so that finished blocks can be kept as they are while the last one grows:
 * re-parsing a long answer for every flush costs ninety times as much. Joined with nothing, the blocks give the text again.
 */
export function splitBlocks(text: string): string[] {
  if (definition.test(text)) return [text];
  const blocks: string[] = [];
  let block = "";
  let blank = false;
  let inList = false;
  let open: string | null = null;
  for (const line of text.split(/(?<=\n)/)) {
    const marker = fence.exec(line.replace(/\r?\n$/, ""));
    const empty = line.trim() === "";
    const startsList = listItem.test(line);
    const belongs = /^\s/.test(line) || (inList && startsList);
    if (blank && open === null && !empty && !belongs) {
      blocks.push(block);
      block = "";
      inList = false;
    }
    if (block.trim() === "") inList = startsList;
    if (marker?.[1]) {
      const [, run, rest] = marker;
      if (open === null) open = run;
      else if (run[0] === open[0] && run.length >= open.length && rest?.trim() === "") open = null;
    }
    block += line;
    blank = empty && open === null;
  }
  if (block) blocks.push(block);
  return blocks;
}

/** Closes what the stream has only opened yet, so that no marker flashes up for a moment: bold, code, a half-written link or heading underline. */
export function settleTail(block: string): string {
  let text = block;
  if ((text.match(/^\s*(`{3,}|~{3,})/gm)?.length ?? 0) % 2 === 1) return text;
  text = text.replace(/\n[ \t]*(?:[-=*_]{1,2}|#{1,6}|[-*+]|\d{1,9}[.)]?)[ \t]*$/, "\n");
  text = text.replace(/!?\[([^\]\n]*)(?:\]\([^)\n]*)?$/, "$1");
  const outsideCode = text.replace(/`[^`\n]*`/g, "");
  if ((outsideCode.match(/`/g)?.length ?? 0) % 2 === 1) return `${text}\``;
  const bold = outsideCode.match(/\*\*/g)?.length ?? 0;
  if (bold % 2 === 1) text = /\*\*\s*$/.test(text) ? text.replace(/\*\*\s*$/, "") : `${text.replace(/\*$/, "").trimEnd()}**`;
  // A star that begins a word and has not met its end; "2 * 3" and list marks have a space after them.
  const single = text.replace(/`[^`\n]*`|\*\*/g, "");
  if (single.search(/(?<![\w*\\])\*(?=[^\s*][^*]*$)/) >= 0) return `${text.trimEnd()}*`;
  return text.replace(/\s\*$/, " ");
}
