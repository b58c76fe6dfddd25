import type { Env, MarkdownIt } from "markdown-it";

/** The labels of the footnotes that are defined. */
export type Notes = Record<string, true>;

export const notesOf = (env: Env): Notes => {
  env.notes ??= {};
  return env.notes as Notes;
};

/** Footnotes: `[^label]` where there is a block `[^label]: …`, whose further paragraphs are indented by four. */
export function readNotes(md: MarkdownIt): void {
  md.inline.ruler.before("link", "note", (state, silent) => {
    const label = /^\[\^([^\s\]]+)\]/.exec(state.src.slice(state.pos, state.posMax))?.[1];
    if (label === undefined || !Object.hasOwn(notesOf(state.env), label)) return false;
    if (!silent) state.push("note", "", 0).content = label;
    state.pos += label.length + 3;
    return true;
  });
  md.block.ruler.before(
    "reference",
    "note_definition",
    (state, startLine, endLine, silent) => {
      const begin = state.bMarks[startLine] ?? 0;
      const shift = state.tShift[startLine] ?? 0;
      const count = state.sCount[startLine] ?? 0;
      if (count - state.blkIndent >= 4) return false;
      const match = /^\[\^([^\s\]]+)\]:/.exec(state.src.slice(begin + shift, state.eMarks[startLine]));
      if (!match?.[1]) return false;
      if (silent) return true;
      notesOf(state.env)[match[1]] = true;
      const open = state.push("note_open", "", 1);
      open.info = match[1];
      const { parentType } = state;
      const after = begin + shift + match[0].length;
      const blanks = /^[ \t]*/.exec(state.src.slice(after, state.eMarks[startLine]))?.[0].length ?? 0;
      // The rest of its line is the first line inside, as if it were indented like those that follow.
      state.bMarks[startLine] = after;
      state.tShift[startLine] = blanks;
      state.blkIndent += 4;
      state.sCount[startLine] = state.blkIndent;
      state.parentType = "note";
      state.md.block.tokenize(state, startLine, endLine);
      state.blkIndent -= 4;
      state.parentType = parentType;
      state.bMarks[startLine] = begin;
      state.tShift[startLine] = shift;
      state.sCount[startLine] = count;
      open.map = [startLine, state.line];
      state.push("note_close", "", -1);
      return true;
    },
    { alt: ["paragraph", "reference"] },
  );
}
