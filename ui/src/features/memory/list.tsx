import type { KeyboardEvent } from "react";
import type { MemoryId, MemoryPage, MemoryRow } from "@/bindings";
import { Button } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { words } from "@/lib/words";
import styles from "./list.module.css";
import { Tags } from "./tags";
import { sourcesText, whenText } from "./text";

const text = words.memory;

type ListProps = {
  page: MemoryPage;
  chosen: MemoryId | null;
  onChoose: (id: MemoryId) => void;
  onMore: () => void;
  busy: boolean;
  label: string;
};

export function MemoryList({ page, chosen, onChoose, onMore, busy, label }: ListProps) {
  const { memories, total } = page;
  return (
    <>
      <ul className={styles.list} aria-label={label} onKeyDown={goThrough} data-testid="memory-list">
        {memories.map((row) => (
          <li key={row.memory.id}>
            <Row row={row} chosen={row.memory.id === chosen} onChoose={() => onChoose(row.memory.id)} />
          </li>
        ))}
      </ul>
      {total > memories.length && (
        <Button look="quiet" small className={styles.more} onClick={onMore} busy={busy} data-testid="memory-more">
          {text.more}
        </Button>
      )}
    </>
  );
}

/** The arrows go from row to row, as in a list of files. */
export function goThrough(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("button[data-row]")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = step && at >= 0 ? rows[at + step] : event.key === "Home" ? rows[0] : event.key === "End" ? rows.at(-1) : undefined;
  if (step || next) event.preventDefault();
  next?.focus();
}

function Row({ row: { memory, before, people }, chosen, onChoose }: { row: MemoryRow; chosen: boolean; onChoose: () => void }) {
  return (
    <button
      type="button"
      className={classNames(styles.row, chosen && styles.chosen)}
      aria-current={chosen ? "true" : undefined}
      onClick={onChoose}
      data-row
      data-testid="memory-row"
      data-id={memory.id}
    >
      <span className={styles.text} dir="auto" data-ended={memory.ended_at !== null || undefined}>
        {memory.ended_at === null ? memory.text : <del>{memory.text}</del>}
        {before && (
          <>
            {" "}
            <del>{before}</del>
          </>
        )}
      </span>
      <span className={styles.quiet} dir="auto">
        {sourcesText(memory)}
      </span>
      <span className={styles.quiet}>{whenText(memory)}</span>
      <Tags memory={memory} people={people} />
    </button>
  );
}
