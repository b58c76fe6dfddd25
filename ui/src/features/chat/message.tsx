import { Check, ChevronLeft, ChevronRight, Copy, type LucideIcon, RefreshCw, Waypoints } from "lucide-react";
import type { ReactNode } from "react";
import type { Audience, Message } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { formatDayAndTime, formatTime } from "@/lib/format";
import { words } from "@/lib/words";
import { useCopy } from "./copy";
import styles from "./message.module.css";
import { Voice } from "./voice";

type Versions = { index: number; total: number; onShow: (index: number) => void };

export function Question({
  message,
  audience,
  versions,
  flash,
}: {
  message: Message;
  audience: Audience;
  versions: Versions;
  flash: boolean;
}) {
  return (
    <article
      className={styles.question}
      aria-label={audience === "owner" ? words.chat.youSaid : words.chat.visitorSaid}
      data-testid="message"
      data-message-id={message.id}
      data-role="user"
      data-status={message.status}
      data-flash={flash || undefined}
    >
      <div className={classNames(styles.bubble, "selectable")} dir="auto">
        {message.content}
      </div>
      {versions.total > 1 && <Pager {...versions} label={words.chat.versionsOfQuestion} />}
    </article>
  );
}

/** What has been sent and is not stored yet. */
export function PendingQuestion({ text }: { text: string }) {
  return (
    <article className={styles.question} data-testid="message-pending" data-role="user">
      <div className={classNames(styles.bubble, styles.pending)} dir="auto">
        {text}
      </div>
    </article>
  );
}

type AnswerProps = {
  message: Message;
  name: string;
  versions: Versions;
  last: boolean;
  flash: boolean;
  explained: boolean;
  busy: boolean;
  onAgain: () => void;
  onWhy: () => void;
  failure: ReactNode;
};

export function Answer({ message, name, versions, last, flash, explained, busy, onAgain, onWhy, failure }: AnswerProps) {
  const [copied, copy] = useCopy();
  const hasText = message.content.trim() !== "";
  const mark = statusMark(message);
  return (
    <article
      className={styles.answer}
      aria-label={name}
      data-testid="message"
      data-message-id={message.id}
      data-role="assistant"
      data-status={message.failure ? "failed" : message.status}
      data-flash={flash || undefined}
      data-explained={explained || undefined}
    >
      {hasText && <Voice source={message.content} growing={message.status !== "complete"} />}
      {mark && (
        <p className={styles.mark}>
          {mark}
          {message.status === "interrupted" && (
            <Button look="quiet" small onClick={onAgain} disabled={busy} data-testid="try-again">
              {words.chat.tryAgain}
            </Button>
          )}
        </p>
      )}
      {failure}
      {(hasText || versions.total > 1 || message.status === "stopped") && (
        <footer className={classNames(styles.actions, last && styles.always)}>
          {hasText && (
            <Act icon={copied ? Check : Copy} label={copied ? words.chat.copied : words.chat.copy} onClick={() => copy(message.content)} />
          )}
          <Act icon={RefreshCw} label={words.chat.again} hint={words.chat.againHint} onClick={onAgain} disabled={busy} />
          {hasText && <Act icon={Waypoints} label={words.chat.why} onClick={onWhy} pressed={explained} />}
          {versions.total > 1 && <Pager {...versions} label={words.chat.versions} />}
          <span className={styles.meta} title={formatDayAndTime(message.created_at)}>
            {[
              message.imported && words.chat.imported,
              message.usage && words.chat.tokens(message.usage.output),
              formatTime(message.created_at),
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </footer>
      )}
    </article>
  );
}

function statusMark(message: Message): string | null {
  if (message.failure) return null;
  const empty = message.content.trim() === "";
  if (message.status === "stopped") return empty ? words.chat.stoppedEmpty : words.chat.stopped;
  if (message.status === "interrupted") return words.chat.interrupted;
  if (message.status === "streaming") return words.chat.elsewhere;
  return null;
}

/** The answer that is arriving. */
export function GrowingAnswer({ id, text, name }: { id: string | null; text: string; name: string }) {
  return (
    <article
      className={styles.answer}
      aria-label={name}
      aria-busy="true"
      data-testid="message"
      data-message-id={id ?? undefined}
      data-role="assistant"
      data-status="streaming"
    >
      {text ? (
        <Voice source={text} growing />
      ) : (
        <p className={styles.thinking} role="status" aria-label={words.chat.thinking(name)}>
          <i />
          <i />
          <i />
        </p>
      )}
    </article>
  );
}

type ActProps = { icon: LucideIcon; label: string; hint?: string; pressed?: boolean; disabled?: boolean; onClick: () => void };

function Act({ icon: Icon, label, hint, pressed, disabled, onClick }: ActProps) {
  return (
    <button type="button" className={styles.act} title={hint} aria-pressed={pressed} disabled={disabled} onClick={onClick}>
      <Icon size={13.5} strokeWidth={1.9} aria-hidden />
      {label}
    </button>
  );
}

function Pager({ index, total, onShow, label }: Versions & { label: string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form; these are two buttons and a count
    <span className={styles.pager} role="group" aria-label={label} data-testid="versions">
      <IconButton label={words.chat.previous} icon={ChevronLeft} size={14} disabled={index === 0} onClick={() => onShow(index - 1)} />
      <span>{words.chat.version(index + 1, total)}</span>
      <IconButton label={words.chat.next} icon={ChevronRight} size={14} disabled={index === total - 1} onClick={() => onShow(index + 1)} />
    </span>
  );
}
