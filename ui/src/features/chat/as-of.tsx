import { History, X } from "lucide-react";
import { IconButton } from "@/kit/button";
import { PastDay } from "@/kit/past-day";
import type { DraftKey } from "@/lib/drafts";
import { formatDay } from "@/lib/format";
import { keyedStore } from "@/lib/store";
import { endOf } from "@/lib/time-span";
import { words } from "@/lib/words";
import styles from "./composer.module.css";

const text = words.memory.asOf;

// Kept as long as the window lives, and shown where one writes: an answer from the past is never a surprise.
const days = keyedStore<DraftKey, string>();

/** As of when what is sent there is to be answered; null: as of now. */
export const asOfFor = (key: DraftKey): string | null => endOf(days.get(key) ?? "");

const choose = (key: DraftKey, day: string): void => (day === "" ? days.remove(key) : days.set(key, day));

/** The chat that was new has begun. */
export function asOfBegan(from: DraftKey, session: DraftKey): void {
  choose(session, days.get(from) ?? "");
  days.remove(from);
}

/** From which day's knowledge the next answers come. */
export function AsOfMenu({ at }: { at: DraftKey }) {
  const day = days.use(at) ?? "";
  return (
    <PastDay
      label={text.chat}
      value={day}
      onChange={(next) => choose(at, next)}
      testId="answer-as-of"
      trigger={<IconButton label={text.chat} icon={History} aria-pressed={day !== ""} data-testid="answer-as-of" />}
    />
  );
}

export function AsOfNote({ at }: { at: DraftKey }) {
  const day = days.use(at);
  if (day === null) return null;
  return (
    <p className={styles.asOf} data-testid="answer-as-of-note">
      <History size={14} strokeWidth={1.9} aria-hidden />
      <span>{text.chatNote(formatDay(day))}</span>
      <IconButton label={text.chatEnd} icon={X} size={14} onClick={() => days.remove(at)} data-testid="answer-as-of-end" />
    </p>
  );
}
