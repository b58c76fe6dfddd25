import MarkdownIt, { type Env } from "markdown-it";
import { readMath } from "./math";
import { type Notes, notesOf, readNotes } from "./note";
import { type Inline, inlinesOf, type Placed, treeOf } from "./tree";

/** What references may refer to: the addresses of links by their labels, and the labels of footnotes. */
export type Definitions = { links: NonNullable<Env["references"]>; notes: Notes };

// No HTML: its tags stay text, wherever they stand.
const md = new MarkdownIt({ html: false, linkify: true });
readMath(md);
readNotes(md);
// Which addresses may be followed is decided where they are shown; one that may not should not fall apart into its marks.
md.validateLink = () => true;
md.normalizeLinkText = (url) => url;
// `read.me` and `main.rs` are files and no addresses.
md.linkify.set({ fuzzyLink: false, fuzzyEmail: true });

/** As the reader sees it: one kind of line ending, no NUL. */
export const plain = (text: string): string => (/[\r\0]/.test(text) ? text.replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD") : text);

const copy = ({ links, notes }: Definitions): Env & { references: Definitions["links"] } => ({
  references: { ...links },
  notes: { ...notes },
});

export const nothingDefined = (): Definitions => ({ links: {}, notes: {} });

/** `source` as a tree, where references may also mean what is `known` from elsewhere; with all definitions, those included. */
export function read(source: string, known: Definitions = nothingDefined()): { placed: Placed[]; definitions: Definitions } {
  const env = copy(known);
  const placed = treeOf(md.parse(source, env));
  return { placed, definitions: { links: env.references, notes: notesOf(env) } };
}

/** Words alone. */
export function readWords(source: string, known: Definitions): Inline[] {
  return inlinesOf(md.parseInline(source, copy(known))[0]?.children ?? []);
}
