import { Cloud, CloudAlert, CloudOff, type LucideIcon, Pause } from "lucide-react";
import type { SyncPlace, SyncState, SyncStatus } from "@/bindings";
import { Button, Spinner } from "@/kit/button";
import { CodeText } from "@/kit/code-text";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { errorLook } from "@/lib/errors";
import { formatAgo } from "@/lib/format";
import { needsOwner } from "@/lib/sync";
import { words } from "@/lib/words";
import { useNow } from "./queries";
import styles from "./sync.module.css";

const text = words.sync;

const icons: Record<Exclude<SyncState, "running">, LucideIcon> = {
  off: CloudOff,
  settled: Cloud,
  offline: CloudOff,
  paused: Pause,
  failed: CloudAlert,
};

/** What it does now, when it last came to an end, and what waits. */
export function StatusLine({ status, children }: { status: SyncStatus; children?: React.ReactNode }) {
  const now = useNow();
  const { state, sparing, last_at, waiting } = status;
  // Settled is not well: what went before may be amiss.
  const urgent = needsOwner(status) && state !== "running";
  const Icon = urgent ? CloudAlert : state === "running" ? null : icons[state];
  const details = [
    last_at ? text.last(formatAgo(last_at, now)) : text.never,
    waiting.records > 0 && text.waiting(waiting.records),
    waiting.files > 0 && text.waitingFiles(waiting.files),
    sparing && text.sparing[sparing],
  ];
  return (
    <div className={styles.status} data-state={urgent ? "failed" : state} data-testid="sync-status">
      {Icon ? <Icon size={20} strokeWidth={1.7} aria-hidden /> : <Spinner size={20} />}
      <div>
        <p role="status" className={styles.state} data-testid="sync-state" data-state={state}>
          {urgent && state === "settled" ? text.attention : text.states[state]}
        </p>
        <p className={styles.detail} data-testid="sync-details">
          {details.filter(Boolean).join(" · ")}
        </p>
      </div>
      {children}
    </div>
  );
}

/** Why it does not go on, with the next step. */
export function Trouble({ status: { state, failure } }: { status: SyncStatus }) {
  if (state === "paused") return <Notice testId="sync-paused">{text.pausedText}</Notice>;
  if (!failure || (state !== "failed" && state !== "offline")) return null;
  if (state === "offline") {
    return (
      <Notice icon={errorLook(failure.code).icon} testId="sync-offline">
        <ErrorText error={failure} here={words.sync.problems} />
        <p>{text.offlineText}</p>
      </Notice>
    );
  }
  return (
    <Notice tone="danger" icon={errorLook(failure.code).icon} title={text.failed} testId="sync-failed">
      <ErrorText error={failure} here={words.sync.problems} />
    </Notice>
  );
}

export const placeText = (place: SyncPlace): string =>
  place.type === "folder" ? text.in.folder(place.path) : text.in.bucket(place.bucket, place.prefix);

/** What the owner has to know, each with what to do about it. */
export function Alarms({ status, onCheck }: { status: SyncStatus; onCheck: () => void }) {
  if (status.alarms.length === 0) return null;
  const notices = status.alarms.map((alarm) => {
    const { title, text: sentence } = text.alarms[alarm.type];
    const device = "device" in alarm ? alarm.device : "";
    const calm = alarm.type === "forked" || alarm.type === "newer_format";
    return (
      <Notice
        key={`${alarm.type} ${device}`}
        tone={calm ? "warn" : "danger"}
        title={title}
        testId="sync-alarm"
        actions={
          (alarm.type === "damaged" || alarm.type === "missing") && (
            <Button small onClick={onCheck} data-testid="sync-alarm-check">
              {text.alarmCheck}
            </Button>
          )
        }
      >
        <CodeText text={sentence(device, alarm.type === "missing" ? alarm.records : 0)} />
      </Notice>
    );
  });
  return <div className={styles.alarms}>{notices}</div>;
}
