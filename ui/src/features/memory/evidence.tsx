import { FileText, MessageCircle, PenLine } from "lucide-react";
import type { EvidenceView } from "@/bindings";
import { formatShortDay } from "@/lib/format";
import { words } from "@/lib/words";
import styles from "./detail.module.css";

const text = words.memory;

type EvidenceProps = { view: EvidenceView; onOpen: (view: EvidenceView) => void };

/** Where a memory comes from, one click away. */
export function Source({ view, onOpen }: EvidenceProps) {
  const { evidence, title, excerpt, at, imported } = view;
  if (evidence.type === "typed")
    return (
      <p className={styles.source}>
        <PenLine size={13} strokeWidth={1.9} aria-hidden />
        <span>{text.typedOn(formatShortDay(evidence.at))}</span>
      </p>
    );
  const Icon = evidence.type === "file" ? FileText : MessageCircle;
  const named =
    evidence.type === "file" ? text.line(evidence.path, evidence.line) : evidence.type === "session" ? text.summaryOf(title) : title;
  if (!title)
    return (
      <p className={styles.source}>
        <Icon size={13} strokeWidth={1.9} aria-hidden />
        <span>{text.sourceGone}</span>
      </p>
    );
  // A chat is often called as its first message begins: once is enough.
  const about = [named === excerpt ? null : named, at && formatShortDay(at), imported && text.imported].filter(Boolean).join(" · ");
  return (
    <button type="button" className={styles.source} onClick={() => onOpen(view)} title={text.openSource(title)} data-testid="memory-source">
      <Icon size={13} strokeWidth={1.9} aria-hidden />
      <span>
        {excerpt && (
          <span className={styles.excerpt} dir="auto">
            {excerpt}
          </span>
        )}
        <span dir="auto">{about}</span>
      </span>
    </button>
  );
}
