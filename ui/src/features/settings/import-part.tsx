import { type DragEvent, useRef, useState } from "react";
import { commands, type Progress, type WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { JobProgress } from "@/kit/job-progress";
import { Notice } from "@/kit/notice";
import { PathField } from "@/kit/path-field";
import { errorText, toWireError } from "@/lib/errors";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./data-section.module.css";
import form from "./form.module.css";
import { Locked, Preview, Report } from "./import-card";
import { ImportFolderCard } from "./import-folder";
import { bringing, chooseAnother, importing, lookInto, lookIntoDropped, looking, takeIn, useChosen } from "./import-job";
import own from "./settings-screen.module.css";

const text = words.data.import;
const warn = (thrown: unknown) => showToast(errorText(toWireError(thrown)), { tone: "warn" });

/** A file is chosen or dropped, looked into, and taken in; what it is now is kept by its jobs. */
export function ImportPart({ paused, onReplaced }: { paused: boolean; onReplaced: () => void }) {
  const [over, setOver] = useState(false);
  const last = useRef<EventTarget | null>(null);
  const busy = [bringing.use(), looking.use(), importing.use()].some((job) => job?.state === "running");
  const carriesFile = (event: DragEvent) => !busy && event.dataTransfer.types.includes("Files");
  return (
    <section
      className={`${own.block} ${styles.part}`}
      aria-labelledby="data-import"
      data-part="import"
      data-testid="import-part"
      onDragEnter={(event) => {
        last.current = event.target;
        if (!carriesFile(event)) return;
        setOver(true);
        event.preventDefault();
      }}
      onDragOver={(event) => {
        if (!carriesFile(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
      }}
      onDragLeave={(event) => {
        if (event.target === last.current) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        const [file] = event.dataTransfer.files;
        if (!carriesFile(event) || !file) return;
        event.preventDefault();
        void lookIntoDropped(file);
      }}
    >
      <h3 id="data-import" tabIndex={-1}>
        {text.title}
      </h3>
      <p className={styles.text}>{text.text}</p>
      <State onReplaced={onReplaced} />
      <ImportFolderCard paused={paused} />
      {over && (
        <div className={styles.drop} data-testid="import-drop">
          {text.drop}
        </div>
      )}
    </section>
  );
}

function State({ onReplaced }: { onReplaced: () => void }) {
  const chosen = useChosen();
  const brings = bringing.use();
  const looks = looking.use();
  const imports = importing.use();

  if (brings?.state === "running") return <Running job={brings} label={text.bringing} onCancel={bringing.cancel} />;
  if (imports?.state === "running") return <Running job={imports} label={text.running} onCancel={importing.cancel} />;
  if (looks?.state === "running") return <Running job={looks} label={text.looking} onCancel={looking.cancel} />;

  if (brings?.state === "failed") return <Failed title={text.unreadable} error={brings.error} />;
  if (imports?.state === "failed") return <Failed title={text.failed} error={imports.error} />;
  if (imports?.state === "done") return <Report report={imports.result} onDone={chooseAnother} />;
  if (imports?.state === "cancelled") {
    const whole = looks?.state === "done" && looks.result.kind === "archive";
    return (
      <Notice
        role="status"
        title={text.cancelled}
        testId="import-cancelled"
        actions={
          <Button small onClick={chooseAnother}>
            {text.other}
          </Button>
        }
      >
        {whole ? text.cancelledWhole : text.cancelledPart}
      </Notice>
    );
  }
  if (chosen && looks?.state === "done" && !looks.result.locked) {
    return (
      <Preview preview={looks.result} name={chosen.name} onImport={() => void takeIn(chosen).then(onReplaced)} onOther={chooseAnother} />
    );
  }
  // It is looked into with a passphrase only when it is sealed: then one more try is what helps.
  const wrong = looks?.state === "failed" && looks.error.code === "invalid_input" && chosen?.passphrase != null;
  if (chosen && (wrong || (looks?.state === "done" && looks.result.locked))) {
    return (
      <Locked
        name={chosen.name}
        wrong={wrong}
        onOpen={(passphrase) => void lookInto(chosen.path, chosen.name, passphrase)}
        onOther={chooseAnother}
      />
    );
  }
  if (looks?.state === "failed") return <Failed title={text.unreadable} error={looks.error} />;
  return <Choose />;
}

type RunningProps = { job: { progress: Progress | null; cancelling: boolean }; label: string; onCancel: () => void };

function Running({ job, label, onCancel }: RunningProps) {
  return (
    <JobProgress
      label={label}
      percent={job.progress?.percent ?? null}
      finishing={job.progress?.stage === "finishing"}
      cancelling={job.cancelling}
      onCancel={onCancel}
      testId="import-progress"
    />
  );
}

function Failed({ title, error }: { title: string; error: WireError }) {
  return (
    <Notice
      tone="danger"
      role="alert"
      title={title}
      testId="import-failed"
      actions={
        <Button small onClick={chooseAnother}>
          {text.other}
        </Button>
      }
    >
      <ErrorText error={error} />
    </Notice>
  );
}

const nameOf = (path: string) => path.split(/[\\/]/).at(-1) || path;

function Choose() {
  const [path, setPath] = useState("");
  const look = (file: string) => void lookInto(file, nameOf(file), null);
  return (
    <form
      className={form.fields}
      onSubmit={(event) => {
        event.preventDefault();
        if (path.trim()) look(path.trim());
      }}
    >
      <PathField
        label={words.data.file}
        choose={words.data.choose}
        value={path}
        onChange={setPath}
        onChoose={() =>
          void commands
            .importChooseFile()
            .then((picked) => picked !== null && look(picked))
            .catch(warn)
        }
        testId="import-path"
      />
      <div className={styles.actions}>
        <Button type="submit" disabled={!path.trim()} data-testid="import-look">
          {text.look}
        </Button>
      </div>
    </form>
  );
}
