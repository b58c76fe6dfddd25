import { useQueryClient } from "@tanstack/react-query";
import { BookOpen, BookX } from "lucide-react";
import type { Memory, MemoryId, MemoryNotice } from "@/bindings";
import { Button } from "@/kit/button";
import { bringBack, undoMemory } from "@/lib/memory";
import { words } from "@/lib/words";
import styles from "./learned.module.css";

const text = words.memory;

/** The memory that stands in the place of one that no longer holds. */
const successor = ({ ending }: Memory): MemoryId | null =>
  ending?.type === "superseded" || ending?.type === "corrected" ? ending.by : ending?.type === "merged" ? ending.into : null;

type LearnedProps = { notice: MemoryNotice; onOpen: (id: MemoryId) => void };

/** What was remembered from a message, each with the way back. */
export function Learned({ notice: { learned, ended }, onOpen }: LearnedProps) {
  const client = useQueryClient();
  const replacedBy = (id: MemoryId) => ended.find((one) => successor(one) === id);
  const gone = ended.filter((one) => !learned.some(({ id }) => id === successor(one)));
  return (
    <ul className={styles.learned} aria-label={text.notices} data-testid="learned">
      {learned.map((memory) => {
        const old = replacedBy(memory.id);
        return (
          <Line
            key={memory.id}
            memory={memory}
            said={text.remembered}
            after={old && text.insteadOf(old.text)}
            onOpen={onOpen}
            onUndo={() => void undoMemory(client, memory)}
          />
        );
      })}
      {gone.map((memory) => (
        <Line
          key={memory.id}
          memory={memory}
          said={text.takenBack}
          takenBack
          onOpen={onOpen}
          onUndo={() => void bringBack(client, memory.id)}
        />
      ))}
    </ul>
  );
}

type LineProps = {
  memory: Memory;
  said: string;
  after?: string;
  takenBack?: boolean;
  onOpen: (id: MemoryId) => void;
  onUndo: () => void;
};

function Line({ memory, said, after, takenBack, onOpen, onUndo }: LineProps) {
  const Icon = takenBack ? BookX : BookOpen;
  return (
    <li data-testid={takenBack ? "notice-taken-back" : "notice-remembered"}>
      <Icon size={13.5} strokeWidth={1.9} aria-hidden />
      <button
        type="button"
        className={styles.what}
        title={text.open(memory.text)}
        onClick={() => onOpen(memory.id)}
        data-testid="notice-open"
      >
        {said} <bdi>{memory.text}</bdi>
        {after && <span> {after}</span>}
      </button>
      <Button look="quiet" small aria-label={text.undoNotice(memory.text)} onClick={onUndo} data-testid="notice-undo">
        {words.sessions.undo}
      </Button>
    </li>
  );
}
