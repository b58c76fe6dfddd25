/** Lines that are laid out together: what grows at its end should not move all that is above. */
const linesTogether = 40;

export type Piece = { from: number; text: string };

/** A text in pieces of whole lines. A piece never ends with an empty line, which would not show at the end of its box. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    lines += 1;
    if (lines < linesTogether || at === from || text[at - 1] === "\n") continue;
    pieces.push({ from, text: text.slice(from, at) });
    from = at + 1;
    lines = 0;
  }
  return [...pieces, { from, text: text.slice(from) }];
}

/** The tokens (three numbers each) that lie in a piece, counted from its beginning; one that goes over its edge is cut there. */
export function tokensIn(tokens: Uint32Array, { from, text }: Piece): Uint32Array {
  const inside: number[] = [];
  for (let at = 0; at + 2 < tokens.length; at += 3) {
    const [start = 0, end = 0, kind = 0] = tokens.subarray(at, at + 3);
    if (start >= from + text.length) break;
    if (end > from) inside.push(Math.max(0, start - from), Math.min(text.length, end - from), kind);
  }
  return new Uint32Array(inside);
}
