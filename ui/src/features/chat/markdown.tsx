import { createContext, memo, type ReactNode, useContext, useEffect, useId, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Button } from "@/kit/button";
import { GrowingText } from "@/lib/markdown/grow";
import { type Mark, withMarks } from "@/lib/markdown/marks";
import type {
  Align,
  Block as BlockNode,
  Item as ItemNode,
  List as ListNode,
  Note,
  Row as RowNode,
  Table as TableNode,
} from "@/lib/markdown/tree";
import { warm } from "@/lib/markdown/warm";
import { words } from "@/lib/words";
import { CodeBlock } from "./code-block";
import { Diagram } from "./diagram";
import { Formula } from "./formula";
import { Inlines, Notes, notesIn, textOf } from "./inline";
import styles from "./markdown.module.css";
import { PartsContext, useAway } from "./parts";

export { warm };

/** What is longer is cut, with a button that shows the rest: nobody reads it here, and every element of it costs. */
const most = { rows: 200, items: 500 };

// The answer that is written becomes a stored one, drawn by another component: it takes over what has been read, so that nothing is read twice.
let left: GrowingText | null = null;

function useGrowingText(source: string): GrowingText {
  const [text] = useState(() => {
    if (!left?.leadsTo(source)) return new GrowingText();
    const taken = left;
    left = null;
    return taken;
  });
  useEffect(
    () => () => {
      left = text;
    },
    [text],
  );
  return text;
}

/** Whether the block may still be half-written, so that nothing costly is begun with it. */
const Open = createContext(false);

type MarkdownProps = {
  source: string;
  growing?: boolean;
  /** What stands behind its statements, once it is finished. */
  marks?: readonly Mark[];
};

/** The twin's words. Finished blocks are kept as they are: while the text grows (or where it broke off), only the last one is read and drawn again. */
export default function Markdown({ source, growing = false, marks }: MarkdownProps) {
  const read = useGrowingText(source).read(source, growing);
  const blocks = useMemo(() => (marks && !growing ? withMarks(source, read, marks) : read), [source, read, marks, growing]);
  const id = useId();
  const { notes, numbers } = useMemo(() => notesIn(blocks), [blocks]);
  const parts = partsOf(blocks.filter(({ kind }) => kind !== "note"));
  const open = growing && blocks.at(-1)?.kind !== "note";
  return (
    <Notes value={useStable({ id, numbers })}>
      <div className={styles.markdown}>
        {parts.map((nodes, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks only ever grow at the end, so the place is the identity
          <Part key={at} nodes={nodes} growing={growing && at === parts.length - 1} open={open && at === parts.length - 1} />
        ))}
        {notes.length > 0 && <NoteList notes={notes} id={id} />}
      </div>
    </Notes>
  );
}

/** So many blocks at least are drawn, or left out, together. */
const together = 8;

function partsOf(blocks: BlockNode[]): BlockNode[][] {
  const parts: BlockNode[][] = [];
  for (const block of blocks) {
    const part = parts.at(-1);
    const before = part?.at(-1)?.kind;
    // More space is below these than most have above them, and between two parts it would be added.
    const joins = before === "quote" || before === "rule";
    if (part && (part.length < together || joins)) part.push(block);
    else parts.push([block]);
  }
  return parts;
}

type PartProps = { nodes: BlockNode[]; growing: boolean; open: boolean };

const Part = memo(
  function Part({ nodes, growing, open }: PartProps) {
    const element = useRef<HTMLDivElement>(null);
    // What grows must be measured, wherever one looks.
    const away = useAway(element, growing);
    return (
      <div className={styles.part} ref={element} style={away === null ? undefined : { blockSize: away }}>
        {away === null && (
          <Open value={open}>
            <Blocks nodes={nodes} />
          </Open>
        )}
      </div>
    );
  },
  (before, after) =>
    before.growing === after.growing &&
    before.open === after.open &&
    before.nodes.length === after.nodes.length &&
    before.nodes.every((node, at) => node === after.nodes[at]),
);

/** The same object for as long as its notes are the same, so that finished blocks are not drawn again for it. */
function useStable(value: { id: string; numbers: Map<string, number> }) {
  const key = [...value.numbers.keys()].join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the labels in their order are all that the value says
  return useMemo(() => value, [value.id, key]);
}

const Block = memo(function Block({ node }: { node: BlockNode }) {
  const open = useContext(Open);
  switch (node.kind) {
    case "paragraph":
      // No `dir` on paragraphs: what has one of its own does not count for the direction of the list or quotation around it.
      return (
        <p data-attribution={node.words.source.startsWith("— ") || undefined}>
          <Inlines nodes={node.words.children} />
        </p>
      );
    case "heading":
      // One level below the title of the screen, whatever level the answer begins with; the size tells the rest.
      return (
        <h2 dir="auto" data-small={node.level > 2 || undefined}>
          <Inlines nodes={node.words.children} />
        </h2>
      );
    case "rule":
      return <hr />;
    case "quote":
      return (
        <blockquote dir="auto">
          <Blocks nodes={node.children} />
        </blockquote>
      );
    case "code":
      if (node.language.toLowerCase() === "mermaid" && (node.closed || !open)) return <Diagram source={node.text} />;
      return <CodeBlock language={node.language} text={node.text} growing={open && !node.closed} />;
    case "formula":
      return <Formula tex={node.tex} display writing={open && !node.closed} closed={node.closed} />;
    case "list":
      return <List node={node} />;
    case "table":
      return <Table node={node} />;
    default:
      return null;
  }
});

/** Blocks inside of one; only the last may be half-written. */
function Blocks({ nodes }: { nodes: BlockNode[] }) {
  const open = useContext(Open);
  return nodes.map((node, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: blocks only ever grow at the end, so the place is the identity
    <Open key={at} value={open && at === nodes.length - 1}>
      <Block node={node} />
    </Open>
  ));
}

function List({ node }: { node: ListNode }) {
  const open = useContext(Open);
  const [shown, rest] = useCut(node.items, most.items, words.markdown.allItems);
  const items = shown.map((item, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items only ever grow at the end, so the place is the identity
    <Open key={at} value={open && at === node.items.length - 1}>
      <Item node={item} />
    </Open>
  ));
  const tasks = node.items.some(({ checked }) => checked !== null) || undefined;
  return (
    <>
      {node.ordered ? (
        <ol dir="auto" start={node.start}>
          {items}
        </ol>
      ) : (
        <ul dir="auto" data-tasks={tasks}>
          {items}
        </ul>
      )}
      {rest}
    </>
  );
}

const Item = memo(function Item({ node }: { node: ItemNode }) {
  const { checked } = node;
  return (
    <li data-task={checked !== null || undefined}>
      {checked !== null && (
        <input
          type="checkbox"
          checked={checked}
          disabled
          readOnly
          aria-label={checked ? words.markdown.taskDone : words.markdown.taskOpen}
        />
      )}
      <Blocks nodes={node.children} />
    </li>
  );
});

function Table({ node }: { node: TableNode }) {
  const [shown, rest] = useCut(node.rows, most.rows, words.markdown.allRows);
  const header = textOf(node.header.cells.flatMap(({ children }) => children)).trim();
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a section would be a landmark; this is only a scrolling box with a name */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways must be reachable by keyboard */}
      <div className={styles.table} role="group" aria-label={words.markdown.table} tabIndex={0}>
        <table>
          {header !== "" && (
            <thead>
              <Row node={node.header} align={node.align} head />
            </thead>
          )}
          <tbody>
            {shown.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows only ever grow at the end, so the place is the identity
              <Row key={at} node={row} align={node.align} />
            ))}
          </tbody>
        </table>
      </div>
      {rest}
    </>
  );
}

type RowProps = { node: RowNode; align: Align[]; head?: boolean };

const Row = memo(
  function Row({ node, align, head }: RowProps) {
    return (
      <tr>
        {node.cells.map(({ children }, at) => {
          const Cell = head && textOf(children) !== "" ? "th" : "td";
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell has no other name than its column
            <Cell key={at} dir="auto" data-align={align[at] ?? undefined}>
              <Inlines nodes={children} />
            </Cell>
          );
        })}
      </tr>
    );
  },
  // The table above a new row is read again, and aligned as before.
  (before, after) => before.node === after.node,
);

/** The first `limit` of a long list, and the button that shows all of it. */
function useCut<T>(all: T[], limit: number, label: (count: number) => string): [T[], ReactNode] {
  const [whole, setWhole] = useState(false);
  if (whole || all.length <= limit) return [all, null];
  return [
    all.slice(0, limit),
    <Button key="rest" small look="quiet" className={styles.rest} onClick={() => setWhole(true)}>
      {label(all.length)}
    </Button>,
  ];
}

function NoteList({ notes, id }: { notes: Note[]; id: string }) {
  const { numbers } = useContext(Notes);
  const parts = useContext(PartsContext);
  const section = useRef<HTMLElement>(null);
  const back = (number: number) => {
    const all = section.current?.parentElement;
    // The place may lie in a part that is not drawn.
    if (all) flushSync(() => parts?.draw(all));
    goToCall(`${id}${number}`);
  };
  return (
    <section ref={section} className={styles.notes} aria-label={words.markdown.notes}>
      <ol>
        {notes.map((note) => {
          const number = numbers.get(note.label) ?? 0;
          return (
            <li key={note.label} id={`${id}note-${number}`} value={number} tabIndex={-1}>
              <Blocks nodes={note.children} />
              <button type="button" className={styles.back} aria-label={words.markdown.fromNote(number)} onClick={() => back(number)}>
                ↩
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** To the first of the places that refer to a note. */
function goToCall(call: string) {
  const target = document.querySelector<HTMLElement>(`[data-call="${CSS.escape(call)}"]`);
  target?.scrollIntoView({ block: "nearest" });
  target?.focus({ preventScroll: true });
}
