import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FolderOpen } from "lucide-react";
import { type FormEvent, useState } from "react";
import { type ArchiveMade, commands, type ExportMade } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Field } from "@/kit/field";
import { JobProgress } from "@/kit/job-progress";
import { Notice } from "@/kit/notice";
import { PathField } from "@/kit/path-field";
import { ReplaceNotice } from "@/kit/replace-notice";
import { toWireError } from "@/lib/errors";
import { showFile, useTarget } from "@/lib/export";
import { formatCount, formatDayAndTime, formatList } from "@/lib/format";
import { jobOf } from "@/lib/job";
import { dateOf } from "@/lib/time-span";
import { words } from "@/lib/words";
import { Check } from "./check";
import styles from "./data-section.module.css";
import form from "./form.module.css";
import own from "./settings-screen.module.css";

const text = words.data.export;
const job = jobOf<ArchiveMade>();
const madeKey = ["export", "made"] as const;

/** Everything into one file. */
export function ExportPart() {
  const client = useQueryClient();
  const now = job.use();
  const [sealed, setSealed] = useState(false);
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  // As the programs that open it call such files.
  const target = useTarget(`digital-twin-${dateOf(new Date())}.tar.zst${sealed ? ".age" : ""}`);
  const running = now?.state === "running" ? now : null;
  const noPassphrase = sealed && passphrase === "";
  const different = sealed && passphrase !== again;

  const write = async (path: string) => {
    const secret = sealed ? passphrase : null;
    const ended = await job.run((id, progress) => commands.archiveExport(path, secret, id, progress));
    if (ended.state !== "done") return;
    setPassphrase("");
    setAgain("");
    setTried(false);
    await client.invalidateQueries({ queryKey: madeKey });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const path = target.path.trim();
    if (running || !path || noPassphrase || different) return;
    if (await target.free()) await write(path);
  };

  return (
    <section className={own.block} aria-labelledby="data-export" data-part="export">
      <h3 id="data-export" tabIndex={-1}>
        {text.title}
      </h3>
      <p className={styles.text}>{text.text}</p>
      <p className={form.hint}>{text.not}</p>
      <form className={form.fields} onSubmit={(event) => void submit(event)} noValidate>
        <PathField
          label={words.data.file}
          choose={words.data.choose}
          value={target.path}
          error={tried && !target.path.trim() ? words.data.needPath : null}
          disabled={running !== null}
          onChange={target.set}
          onChoose={target.choose}
          testId="export-path"
        />
        <Check
          label={text.sealed}
          hint={text.sealedHint}
          checked={sealed}
          disabled={running !== null}
          onChange={setSealed}
          testId="export-sealed"
        />
        {sealed && (
          <Passphrase
            passphrase={passphrase}
            again={again}
            disabled={running !== null}
            wrong={tried && noPassphrase}
            // Said once the second one is as long, and not at its first letter.
            different={different && (tried || again.length >= passphrase.length)}
            onPassphrase={setPassphrase}
            onAgain={setAgain}
          />
        )}
        {target.asks && !running && (
          <ReplaceNotice
            onReplace={() => {
              target.agree();
              void write(target.path.trim());
            }}
          />
        )}
        {running ? (
          <JobProgress
            label={text.running}
            percent={running.progress?.percent ?? null}
            finishing={running.progress?.stage === "finishing"}
            cancelling={running.cancelling}
            onCancel={job.cancel}
            testId="export-progress"
          />
        ) : (
          <div className={styles.actions}>
            <Button look="primary" type="submit" data-testid="export-run">
              {text.run}
            </Button>
          </div>
        )}
      </form>
      <Outcome />
      <Made />
    </section>
  );
}

type PassphraseProps = {
  passphrase: string;
  again: string;
  disabled: boolean;
  wrong: boolean;
  different: boolean;
  onPassphrase: (passphrase: string) => void;
  onAgain: (again: string) => void;
};

function Passphrase({ passphrase, again, disabled, wrong, different, onPassphrase, onAgain }: PassphraseProps) {
  const [shown, setShown] = useState(false);
  const type = shown ? "text" : "password";
  return (
    <div className={form.fields}>
      <div className={form.pair}>
        <Field
          label={text.passphrase}
          type={type}
          dir="ltr"
          autoComplete="new-password"
          value={passphrase}
          disabled={disabled}
          error={wrong ? text.needPassphrase : null}
          onChange={(event) => onPassphrase(event.target.value)}
          data-testid="export-passphrase"
        />
        <Field
          label={text.again}
          type={type}
          dir="ltr"
          autoComplete="new-password"
          value={again}
          disabled={disabled}
          error={different ? text.different : null}
          onChange={(event) => onAgain(event.target.value)}
          data-testid="export-again"
        />
      </div>
      <Check label={text.reveal} checked={shown} onChange={setShown} testId="export-reveal" />
      <Notice tone="warn">{text.passphraseHint}</Notice>
    </div>
  );
}

function Outcome() {
  const now = job.use();
  if (now?.state === "cancelled") {
    return (
      <Notice role="status" testId="export-cancelled">
        {text.cancelled}
      </Notice>
    );
  }
  if (now?.state === "failed") {
    return (
      <Notice tone="danger" role="alert" title={text.failed} testId="export-failed">
        <ErrorText error={now.error} />
      </Notice>
    );
  }
  if (now?.state !== "done") return null;
  const { path, records, files, persona, left_out, sealed } = now.result;
  return (
    <Notice
      tone="good"
      role="status"
      title={text.done}
      testId="export-done"
      actions={
        <Button small icon={FolderOpen} onClick={() => showFile(path)} data-testid="export-show">
          {words.data.show}
        </Button>
      }
    >
      <p>{text.doneText(path, formatCount(records), files, persona)}</p>
      {sealed && <p>{text.doneSealed}</p>}
      {left_out.length > 0 && <p>{text.leftOut(formatList(left_out))}</p>}
    </Notice>
  );
}

/** What was exported before and still lies about. */
function Made() {
  const made = useQuery<ExportMade[]>({ queryKey: madeKey, queryFn: () => commands.exportList(), staleTime: 0 });
  if (made.isError) {
    return (
      <Notice tone="warn" title={text.listFailed}>
        <ErrorText error={toWireError(made.error)} />
      </Notice>
    );
  }
  if (!made.data || made.data.length === 0) return null;
  return (
    <div className={form.group} data-testid="export-made">
      <h4 className={form.label}>{text.made}</h4>
      <p className={form.hint}>{text.madeText}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ul className={`${styles.list} ${styles.long}`} tabIndex={0} aria-label={text.made}>
        {made.data.map(({ path, at, what, sessions }) => (
          <li key={path} className={styles.item}>
            <p className="selectable">
              <span dir="ltr">{path}</span>
              <small>
                {what === "archive" ? text.archive : text.sessions(sessions.length)} · {formatDayAndTime(at)}
              </small>
            </p>
            <span />
            <IconButton label={text.showOf(path)} hint={words.data.show} icon={FolderOpen} onClick={() => showFile(path)} />
          </li>
        ))}
      </ul>
    </div>
  );
}
