import { useQueryClient } from "@tanstack/react-query";
import { RadioGroup } from "radix-ui";
import { type FormEvent, useState } from "react";
import { commands, type Session, type SessionFormat } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { ErrorText } from "@/kit/error-text";
import { JobProgress } from "@/kit/job-progress";
import { Notice } from "@/kit/notice";
import { PathField } from "@/kit/path-field";
import { ReplaceNotice } from "@/kit/replace-notice";
import { errorText } from "@/lib/errors";
import { endExport, endings, formats, lastFormat, rememberFormat, showFile, useExportAsked, useTarget } from "@/lib/export";
import { jobOf } from "@/lib/job";
import { dateOf } from "@/lib/time-span";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./export-dialog.module.css";

const text = words.data.chat;
const job = jobOf<true>();

/** In which form chats become a file, and where. Nothing until somebody asks. */
export function ExportDialog() {
  const sessions = useExportAsked();
  const first = sessions?.[0];
  if (!sessions || !first) return null;
  return (
    <Dialog
      open
      onClose={endExport}
      title={text.title(sessions.length === 1 ? first.title || words.sessions.untitled : null, sessions.length)}
      text={sessions.length > 1 ? text.several : text.drag}
      testId="export-dialog"
    >
      <ExportForm sessions={sessions} title={first.title} />
    </Dialog>
  );
}

/** As the program names documents in a ZIP: what any disk takes. A session file is found again by its id. */
function fileName(sessions: Session[], title: string, format: SessionFormat): string {
  if (sessions.length > 1) return `${text.fileName} ${dateOf(new Date())}.zip`;
  const safe = title.replace(/[^\p{L}\p{N} _-]/gu, "").trim();
  const name = format === "seed" ? (sessions[0]?.id ?? "") : [...safe].slice(0, 60).join("").trim();
  return `${name || words.sessions.untitled}.${endings[format]}`;
}

function ExportForm({ sessions, title }: { sessions: Session[]; title: string }) {
  const client = useQueryClient();
  const now = job.use();
  const [format, setFormat] = useState(lastFormat);
  const [tried, setTried] = useState(false);
  const [mine, setMine] = useState(false);
  const target = useTarget(fileName(sessions, title, format));
  const running = now?.state === "running" ? now : null;
  const failed = mine && now?.state === "failed" ? now : null;

  const choose = (next: SessionFormat) => {
    setFormat(next);
    rememberFormat(next);
    const [before, after] = [`.${endings[format]}`, `.${endings[next]}`];
    if (target.chosen && target.path.endsWith(before)) target.set(target.path.slice(0, -before.length) + after);
  };
  const write = async (path: string) => {
    setMine(true);
    const ids = sessions.map(({ id }) => id);
    const ended = await job.run(async (id, progress) => ((await commands.sessionExport(ids, format, path, id, progress)) ? true : null));
    if (ended.state === "done") {
      endExport();
      showToast(text.done(path), { action: { label: words.data.show, run: () => showFile(path) } });
      await client.invalidateQueries({ queryKey: ["export", "made"] });
    } else if (ended.state === "failed" && !document.querySelector("[data-testid=export-dialog]")) {
      // Closed meanwhile: nobody would know.
      showToast(errorText(ended.error), { tone: "warn" });
    }
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const path = target.path.trim();
    if (running || !path) return;
    if (await target.free()) await write(path);
  };

  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
      <RadioGroup.Root
        className={styles.formats}
        aria-label={text.format}
        value={format}
        disabled={running !== null}
        onValueChange={(next) => choose(next as SessionFormat)}
        data-testid="export-format"
      >
        {formats.map((one) => (
          <RadioGroup.Item key={one} value={one} className={styles.format} data-value={one}>
            <i aria-hidden />
            <b>{text.formats[one]}</b>
            <small>{text.formatTexts[one]}</small>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      <PathField
        label={words.data.file}
        choose={words.data.choose}
        value={target.path}
        error={tried && !target.path.trim() ? words.data.needPath : null}
        disabled={running !== null}
        onChange={target.set}
        onChoose={target.choose}
        testId="export-chat-path"
      />
      {target.asks && !running && (
        <ReplaceNotice
          onReplace={() => {
            target.agree();
            void write(target.path.trim());
          }}
        />
      )}
      {failed && (
        <Notice tone="danger" role="alert" title={words.data.export.failed} testId="export-failed">
          <ErrorText error={failed.error} />
        </Notice>
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
          <Button onClick={endExport}>{words.form.cancel}</Button>
          <Button look="primary" type="submit" data-testid="export-chat-run">
            {text.run}
          </Button>
        </div>
      )}
    </form>
  );
}
