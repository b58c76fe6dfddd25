import type { MarkdownIt } from "markdown-it";

type Formula = { tex: string; display: boolean; end: number };

const word = /[\p{L}\p{N}]/u;
const operator = /[\\^_={}+<>*|]/;

/**
 * The formula among words that begins at `at`: `$…$`, `$$…$$`, `\(…\)` or `\[…\]`.
 *
 * A single dollar is mostly money. So it opens only before something and not inside a word; the very next dollar must be one that can close
 * (after something, before no letter or digit); and what begins with a digit and goes on in words, without any operator, is a price too.
 */
export function formulaAt(text: string, at: number): Formula | null {
  if (text[at] === "\\") {
    const close = text[at + 1] === "(" ? ")" : text[at + 1] === "[" ? "]" : null;
    if (close === null) return null;
    const end = closeAt(text, at + 2, `\\${close}`);
    return end < 0 ? null : { tex: text.slice(at + 2, end).trim(), display: close === "]", end: end + 2 };
  }
  if (text[at] !== "$" || text[at - 1] === "$" || word.test(text[at - 1] ?? "")) return null;
  const display = text[at + 1] === "$";
  const from = at + (display ? 2 : 1);
  if (text[from] === "$" || (!display && !/\S/.test(text[from] ?? ""))) return null;
  const end = closeAt(text, from, display ? "$$" : "$");
  if (end <= from) return null;
  const tex = text.slice(from, end);
  const after = text[end + (display ? 2 : 1)] ?? "";
  if (after === "$" || (!display && (word.test(after) || /\s$/.test(tex)))) return null;
  if (!display && /^\d/.test(tex) && /\p{L}{2}/u.test(tex) && !operator.test(tex)) return null;
  return { tex: tex.trim(), display, end: end + (display ? 2 : 1) };
}

/** Where `close` stands; after a single dollar, where the next dollar stands. What follows a backslash does not count. */
function closeAt(text: string, from: number, close: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith(close, at)) return at;
    if (text[at] === "$" && close === "$$") return -1;
    if (text[at] === "\\") at += 1;
  }
  return -1;
}

/**
 * `$$` or `\[` at the beginning of a line, to the line that ends with its counterpart. A blank line ends it too, for there is none in a formula:
 * so an opening that was never meant as one cannot swallow the rest of an answer, and no line is ever decided by a later one, which is what
 * lets finished blocks be frozen.
 */
export function readMath(md: MarkdownIt): void {
  md.inline.ruler.before("escape", "math", (state, silent) => {
    const found = formulaAt(state.src, state.pos);
    if (!found || found.end > state.posMax) return false;
    if (!silent) {
      const token = state.push("math", "", 0);
      token.content = found.tex;
      token.meta = { display: found.display };
    }
    state.pos = found.end;
    return true;
  });
  md.block.ruler.before(
    "fence",
    "formula",
    (state, startLine, endLine, silent) => {
      const lineOf = (line: number) => state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]).trimEnd();
      const indent = (line: number) => state.sCount[line] ?? 0;
      if (indent(startLine) - state.blkIndent >= 4) return false;
      const first = lineOf(startLine);
      const close = first.startsWith("$$") ? "$$" : first.startsWith("\\[") ? "\\]" : null;
      if (close === null || first[2] === "$") return false;
      const rest = first.slice(2);
      let closed = rest.endsWith(close);
      // With its counterpart and words behind it, it is a formula among words; and two in one line are two.
      if (rest.slice(0, closed ? -2 : undefined).includes(close)) return false;
      if (silent) return true;
      const lines = [closed ? rest.slice(0, -2) : rest];
      let line = startLine + 1;
      for (; !closed && line < endLine && !state.isEmpty(line) && indent(line) >= state.blkIndent; line += 1) {
        const text = lineOf(line);
        closed = text.endsWith(close);
        lines.push(closed ? text.slice(0, -2) : text);
      }
      state.line = line;
      const token = state.push("formula", "", 0);
      token.content = lines.join("\n").trim();
      token.meta = { closed };
      token.map = [startLine, line];
      return true;
    },
    { alt: ["paragraph", "reference", "blockquote", "list"] },
  );
}
