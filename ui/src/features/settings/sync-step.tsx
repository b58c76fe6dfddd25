import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Button } from "@/kit/button";
import { words } from "@/lib/words";
import form from "./form.module.css";
import styles from "./sync.module.css";
import { endDraft } from "./sync-draft";

const text = words.sync.setup;

type SyncStepProps = {
  title: string;
  about?: ReactNode;
  children: ReactNode;
  /** What goes on to the next step. */
  next?: string;
  busy?: boolean;
  /** None: there is no way back. */
  onBack?: () => void;
  onNext: () => void;
  /** Where it is too late to call everything off. */
  final?: boolean;
};

/** One question, and the ways on, back and out. */
export function SyncStep({ title, about, children, next = text.next, busy = false, onBack, onNext, final }: SyncStepProps) {
  const id = useId();
  const whole = useRef<HTMLFormElement>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    // What is missing may be far above the button that was pressed.
    if (tries > 0) whole.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [tries]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setTries(tries + 1);
    onNext();
  };
  return (
    <form ref={whole} className={styles.form} onSubmit={submit} noValidate aria-labelledby={id} data-testid="sync-step">
      <div>
        <h3 id={id} tabIndex={-1} className={styles.question}>
          {title}
        </h3>
        {about && <p className={styles.about}>{about}</p>}
      </div>
      {children}
      <div className={form.end}>
        <div className={styles.footer}>
          {!final && (
            <Button look="quiet" disabled={busy} onClick={endDraft} data-testid="sync-cancel">
              {text.cancel}
            </Button>
          )}
          <span />
          {onBack && (
            <Button disabled={busy} onClick={onBack} data-testid="sync-back">
              {text.back}
            </Button>
          )}
          <Button look="primary" type="submit" busy={busy} data-testid="sync-next">
            {next}
          </Button>
        </div>
      </div>
    </form>
  );
}

/** What came of a step, where one sees it: not below the fold, under the buttons. */
export function Said({ children }: { children: ReactNode }) {
  const said = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // jsdom lacks it.
    said.current?.scrollIntoView?.({ block: "nearest" });
  }, []);
  return <div ref={said}>{children}</div>;
}
