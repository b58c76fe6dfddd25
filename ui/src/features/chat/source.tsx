import type { ReactNode } from "react";
import type { Source } from "@/bindings";
import { formatDayAndTime } from "@/lib/format";
import { words } from "@/lib/words";
import styles from "./why-panel.module.css";

type SourceButtonProps = { number: number; text: string; source: Source; onOpen: () => void; testId: string; children?: ReactNode };

/** Something that is known, where it is from, and the way there. */
export function SourceButton({ number, text, source, onOpen, testId, children }: SourceButtonProps) {
  return (
    <button type="button" className={styles.passage} onClick={onOpen} data-testid={testId} data-source={source.kind}>
      <span className={styles.number}>{number}</span>
      <span>
        <span className={styles.text} dir="auto">
          {text}
        </span>
        <span className={styles.source}>{sourceText(source)}</span>
        {children}
      </span>
    </button>
  );
}

/** Where it is from and when, in words. */
export function sourceText(source: Source): string {
  if (source.kind === "file") return words.why.file(source.path, source.line);
  if (source.kind === "memory") {
    const what = words.memory.kinds[source.memory];
    return [what, ...(source.teller === "visitor" ? [words.why.visitorSaid] : []), formatDayAndTime(source.at)].join(" · ");
  }
  const who = source.role === "assistant" ? words.why.twinSaid : source.audience === "visitor" ? words.why.visitorSaid : words.why.youSaid;
  return [who, formatDayAndTime(source.at), words.why.inSession(source.session_title)].join(" · ");
}
