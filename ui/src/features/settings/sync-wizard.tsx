import { Check as Tick } from "lucide-react";
import { useEffect, useRef } from "react";
import { words } from "@/lib/words";
import own from "./settings-screen.module.css";
import styles from "./sync.module.css";
import { SyncAccess } from "./sync-access";
import { SyncCode } from "./sync-code";
import { SyncDone } from "./sync-done";
import { type Draft, stepsOf } from "./sync-draft";
import { SyncOpen } from "./sync-open";
import { SyncSecret } from "./sync-secret";
import { SyncWhere } from "./sync-where";

const text = words.sync.setup;

/** From where the devices meet to a device that syncs, one question at a time. */
export function SyncWizard({ draft }: { draft: Draft }) {
  const steps = stepsOf[draft.way];
  const now = steps.indexOf(draft.step);
  const whole = useRef<HTMLDivElement>(null);
  const shown = useRef(draft.step);
  useEffect(() => {
    if (shown.current === draft.step) return;
    shown.current = draft.step;
    // What had the focus is gone with its step.
    const heading = whole.current?.querySelector<HTMLElement>("h3");
    heading?.focus();
    // jsdom lacks it.
    whole.current?.scrollIntoView?.({ block: "start" });
  }, [draft.step]);
  return (
    <div className={styles.whole} ref={whole} data-testid="sync-wizard">
      <div className={own.intro}>
        <h2>{draft.way === "setup" ? text.title : text.joinTitle}</h2>
      </div>
      <ol className={styles.steps} aria-label={text.step(now + 1, steps.length)}>
        {steps.map((step, at) => (
          <li
            key={step}
            className={styles.step}
            data-state={at < now ? "done" : at === now ? "now" : "later"}
            aria-current={at === now ? "step" : undefined}
          >
            <i aria-hidden>{at < now ? <Tick size={12} strokeWidth={2.6} /> : at + 1}</i>
            {text.steps[step]}
          </li>
        ))}
      </ol>
      {draft.step === "where" && <SyncWhere draft={draft} />}
      {draft.step === "access" && <SyncAccess draft={draft} />}
      {draft.step === "secret" && <SyncSecret draft={draft} />}
      {draft.step === "code" && <SyncCode code={draft.made} />}
      {draft.step === "open" && <SyncOpen draft={draft} />}
      {draft.step === "done" && <SyncDone draft={draft} />}
    </div>
  );
}
