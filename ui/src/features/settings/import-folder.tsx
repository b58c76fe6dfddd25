import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { commands, type ImportFolder } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { errorText, toWireError } from "@/lib/errors";
import { formatDayAndTime } from "@/lib/format";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./data-section.module.css";
import form from "./form.module.css";
import { FileName, SkippedThings } from "./import-card";
import { importFolderKey, useImportFolder } from "./queries";

const text = words.data.import.folder;

/** The folder whose session files come in by themselves, and what became of them. */
export function ImportFolderCard({ paused }: { paused: boolean }) {
  const client = useQueryClient();
  const folder = useImportFolder();
  const [busy, setBusy] = useState(false);
  const path = folder.data?.path ?? null;

  const change = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (thrown) {
      showToast(errorText(toWireError(thrown)), { tone: "warn" });
    } finally {
      setBusy(false);
    }
  };
  const set = async (path: string | null) => {
    await commands.importFolderSet(path);
    // Read again: what became of the folder since is newer than the answer.
    await client.invalidateQueries({ queryKey: importFolderKey });
  };
  const choose = async () => {
    const chosen = await commands.importChooseFolder();
    if (chosen !== null) await set(chosen);
  };
  const stop = async () => {
    await set(null);
    showToast(text.stopped);
  };

  return (
    <div className={styles.card} data-testid="import-folder">
      <div>
        <h4>{text.title}</h4>
        {path !== null && <FileName>{path}</FileName>}
      </div>
      <p className={styles.text}>{text.text}</p>
      {folder.isError && (
        <Notice tone="danger">
          <ErrorText error={toWireError(folder.error)} />
        </Notice>
      )}
      {folder.data && path !== null && <Became folder={folder.data} paused={paused} />}
      <div className={styles.actions}>
        <Button busy={busy} disabled={!folder.data} onClick={() => void change(choose)} data-testid="import-folder-choose">
          {path === null ? text.choose : text.other}
        </Button>
        {path !== null && (
          <Button disabled={busy} onClick={() => void change(stop)} data-testid="import-folder-stop">
            {text.stop}
          </Button>
        )}
      </div>
    </div>
  );
}

function Became({ folder, paused }: { folder: ImportFolder; paused: boolean }) {
  const { missing, sessions, messages, last, foreign, skipped } = folder;
  return (
    <>
      {paused && (
        <Notice tone="warn" testId="import-folder-paused">
          {text.paused}
        </Notice>
      )}
      {missing && (
        <Notice tone="warn" role="status" testId="import-folder-missing">
          {text.missing}
        </Notice>
      )}
      <p role="status" data-testid="import-folder-came">
        {last === null ? text.nothing : text.came(sessions, messages, formatDayAndTime(last))}
      </p>
      {foreign > 0 && (
        <p className={form.hint} data-testid="import-folder-foreign">
          {text.foreign(foreign)}
        </p>
      )}
      <SkippedThings skipped={skipped} testId="import-folder-skipped" />
    </>
  );
}
