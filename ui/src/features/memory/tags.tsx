import { Pin } from "lucide-react";
import type { Memory, Person } from "@/bindings";
import { classNames } from "@/kit/class-names";
import { words } from "@/lib/words";
import styles from "./list.module.css";

const text = words.memory;

/** What is to be known of a memory at a glance: who it is about, who may hear it, and whether something speaks against it. */
export function Tags({ memory, people }: { memory: Memory; people: Person[] }) {
  return (
    <span className={styles.tags}>
      {memory.pinned && <Pin size={13} strokeWidth={1.9} role="img" aria-label={text.pinnedMark} />}
      {people.map(({ id, name }) => (
        <em key={id} dir="auto">
          {name}
        </em>
      ))}
      {memory.contradicts.length > 0 && <em className={styles.warn}>{text.which}</em>}
      {memory.teller === "visitor" ? (
        <em className={styles.visitor}>{text.byVisitor}</em>
      ) : (
        <em className={classNames(memory.audience === "visitor" && styles.open)}>
          {memory.audience === "owner" ? text.onlyMe : text.anyone}
        </em>
      )}
    </span>
  );
}
