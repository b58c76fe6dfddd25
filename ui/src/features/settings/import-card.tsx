import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { ImportPreview, ImportReport, SkippedList } from "@/bindings";
import { Button } from "@/kit/button";
import { Field } from "@/kit/field";
import { Notice } from "@/kit/notice";
import { formatCount, formatDayAndTime } from "@/lib/format";
import { words } from "@/lib/words";
import styles from "./data-section.module.css";
import form from "./form.module.css";

const text = words.data.import;

export function FileName({ children }: { children: ReactNode }) {
  return (
    <p className={`${styles.path} selectable`}>
      <bdi>{children}</bdi>
    </p>
  );
}

type LockedProps = { name: string; wrong: boolean; onOpen: (passphrase: string) => void; onOther: () => void };

/** A file that says nothing without its passphrase. */
export function Locked({ name, wrong, onOpen, onOther }: LockedProps) {
  const [passphrase, setPassphrase] = useState("");
  return (
    <form
      className={styles.card}
      data-testid="import-locked"
      onSubmit={(event) => {
        event.preventDefault();
        if (passphrase) onOpen(passphrase);
      }}
    >
      <div>
        <h4>{text.locked}</h4>
        <FileName>{name}</FileName>
      </div>
      <Field
        label={words.data.export.passphrase}
        hint={text.lockedText}
        error={wrong ? text.wrong : null}
        type="password"
        dir="ltr"
        autoFocus
        value={passphrase}
        onChange={(event) => setPassphrase(event.target.value)}
        data-testid="import-passphrase"
      />
      <div className={styles.actions}>
        <Button look="primary" type="submit" disabled={!passphrase} data-testid="import-open">
          {text.open}
        </Button>
        <Button onClick={onOther}>{text.other}</Button>
      </div>
    </form>
  );
}

type PreviewProps = { preview: ImportPreview; name: string; onImport: () => void; onOther: () => void };

/** What the file would bring, before anything is changed. */
export function Preview({ preview, name, onImport, onOther }: PreviewProps) {
  const { kind, exported_at, sessions, sessions_here, messages, messages_here, skipped } = preview;
  const title = exported_at ? `${text.kinds[kind]}, ${text.madeAt(formatDayAndTime(exported_at))}` : text.kinds[kind];
  return (
    <div className={styles.card} data-testid="import-preview">
      <div>
        <h4>{title}</h4>
        <FileName>{name}</FileName>
      </div>
      <dl className={styles.facts}>
        <dt>{text.chats}</dt>
        <dd data-testid="import-chats">{share(sessions, sessions_here)}</dd>
        <dt>{text.messages}</dt>
        <dd data-testid="import-messages">{share(messages, messages_here)}</dd>
      </dl>
      <SkippedThings skipped={skipped} />
      <p className={form.hint}>{messages > 0 && messages === messages_here ? text.nothingNew : text.keeps}</p>
      <div className={styles.actions}>
        <Button look="primary" onClick={onImport} data-testid="import-run">
          {text.run}
        </Button>
        <Button onClick={onOther} data-testid="import-other">
          {words.form.cancel}
        </Button>
      </div>
    </div>
  );
}

function share(all: number, here: number): string {
  if (all === 0) return text.none;
  if (here === 0) return text.allNew(formatCount(all));
  return here === all ? text.allHere(formatCount(all)) : text.all(formatCount(all), formatCount(here));
}

/** What came in, and what did not. */
export function Report({ report, onDone }: { report: ImportReport; onDone: () => void }) {
  const { sessions, messages, records, files, persona, forgotten, skipped } = report;
  const nothing = sessions + messages + records + files + persona === 0;
  return (
    <div className={styles.card} data-testid="import-report">
      <Notice tone="good" role="status" title={nothing ? text.doneNothing : text.done}>
        {!nothing && <p>{text.brought(sessions, messages)}</p>}
        {records + files + persona > 0 && <p>{text.alsoBrought(formatCount(records), files, persona)}</p>}
        {forgotten && <p>{text.forgotten}</p>}
      </Notice>
      <SkippedThings skipped={skipped} />
      <div className={styles.actions}>
        <Button onClick={onDone} data-testid="import-done">
          {text.close}
        </Button>
      </div>
    </div>
  );
}

type SkippedThingsProps = { skipped: SkippedList; testId?: string };

export function SkippedThings({ skipped: { count, named }, testId = "import-skipped" }: SkippedThingsProps) {
  if (count === 0) return null;
  const more = count - named.length;
  return (
    <details className={styles.skipped} data-testid={testId}>
      <summary>
        <ChevronRight size={14} strokeWidth={2} aria-hidden />
        {text.skipped(count)}
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ul tabIndex={0} aria-label={text.skippedList} className="selectable">
        {named.map(({ place, reason }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same place may be named twice, and the list never changes
          <li key={at}>
            {text.reasons[reason]}
            <code dir="ltr">{place}</code>
          </li>
        ))}
        {more > 0 && <li>{text.skippedMore(more)}</li>}
      </ul>
    </details>
  );
}
