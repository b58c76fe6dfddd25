import { createContext, memo, useContext } from "react";
import type { Block, Inline as InlineNode, Note } from "@/lib/markdown/tree";
import { words } from "@/lib/words";
import { ClaimMark } from "./claim-mark";
import { Formula } from "./formula";
import { Link } from "./link";
import styles from "./markdown.module.css";

/** The numbers of an answer's footnotes by their labels, in the order in which they are referred to; `id` begins the names of their places. */
export const Notes = createContext<{ id: string; numbers: Map<string, number> }>({ id: "", numbers: new Map() });

/** Only addresses that the question before a link can explain become links. */
const canAsk = (url: string): boolean => /^(?:https?:|mailto:)/i.test(url);

export const Inlines = memo(function Inlines({ nodes }: { nodes: InlineNode[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: words only ever grow at the end, so the place is the identity
  return nodes.map((node, at) => <Inline key={at} node={node} />);
});

function Inline({ node }: { node: InlineNode }) {
  switch (node.kind) {
    case "text":
      return node.text;
    case "emphasis":
      return (
        <em>
          <Inlines nodes={node.children} />
        </em>
      );
    case "strong":
      return (
        <strong>
          <Inlines nodes={node.children} />
        </strong>
      );
    case "deleted":
      return (
        <del>
          <Inlines nodes={node.children} />
        </del>
      );
    case "code":
      return <code dir="ltr">{node.text}</code>;
    case "math":
      return <Formula tex={node.tex} display={node.display} inline />;
    case "break":
      return <br />;
    case "link": {
      const [only] = node.children;
      const children = node.children.length === 1 && only?.kind === "text" ? only.text : <Inlines nodes={node.children} />;
      return canAsk(node.url) ? <Link url={node.url}>{children}</Link> : <span>{children}</span>;
    }
    case "picture":
      return <span className={styles.picture}>{words.markdown.picture(node.alt)}</span>;
    case "note":
      return <NoteCall label={node.label} />;
    case "mark":
      return <ClaimMark at={node.at} />;
  }
}

function NoteCall({ label }: { label: string }) {
  const { id, numbers } = useContext(Notes);
  const number = numbers.get(label) ?? 0;
  const go = () => {
    const note = document.getElementById(`${id}note-${number}`);
    note?.scrollIntoView({ block: "nearest" });
    note?.focus({ preventScroll: true });
  };
  return (
    <sup>
      <button type="button" data-call={`${id}${number}`} aria-label={words.markdown.toNote(number)} onClick={go}>
        {number}
      </button>
    </sup>
  );
}

/** What is read, without what it looks like. */
export const textOf = (nodes: InlineNode[]): string =>
  nodes
    .map((node) => ("children" in node ? textOf(node.children) : "text" in node ? node.text : node.kind === "math" ? node.tex : ""))
    .join("");

const calls = new WeakMap<Block, string[]>();

/** The labels of the notes that a block refers to. */
function callsIn(block: Block): string[] {
  const known = calls.get(block);
  if (known) return known;
  const found: string[] = [];
  const inline = (node: InlineNode) => {
    if (node.kind === "note") found.push(node.label);
    else if ("children" in node) node.children.forEach(inline);
  };
  if ("words" in block) block.words.children.forEach(inline);
  else if (block.kind === "list") found.push(...block.items.flatMap(({ children }) => children.flatMap(callsIn)));
  else if (block.kind === "table")
    for (const { cells } of [block.header, ...block.rows]) for (const { children } of cells) children.forEach(inline);
  if ("children" in block) found.push(...block.children.flatMap(callsIn));
  calls.set(block, found);
  return found;
}

/** The notes of an answer that it refers to, in that order, numbered. */
export function notesIn(blocks: Block[]): { notes: Note[]; numbers: Map<string, number> } {
  const defined = new Map<string, Note>();
  for (const block of blocks) if (block.kind === "note" && !defined.has(block.label)) defined.set(block.label, block);
  const numbers = new Map<string, number>();
  if (defined.size > 0) for (const label of blocks.flatMap(callsIn)) if (!numbers.has(label)) numbers.set(label, numbers.size + 1);
  const notes = [...numbers.keys()].flatMap((label) => defined.get(label) ?? []);
  return { notes, numbers };
}
