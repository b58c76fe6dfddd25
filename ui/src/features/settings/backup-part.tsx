import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Backup, commands, type WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { backUp, backupsChanged, useBackingUp, useBackups } from "@/lib/backup";
import { toWireError } from "@/lib/errors";
import { formatBytes, formatDayAndTime } from "@/lib/format";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./data-section.module.css";
import own from "./settings-screen.module.css";

const text = words.data.backup;

export function BackupPart({ paused, onReplaced }: { paused: boolean; onReplaced: () => void }) {
  const client = useQueryClient();
  const backups = useBackups();
  const busy = useBackingUp();
  const [chosen, setChosen] = useState<Backup | null>(null);
  const last = backups.data?.[0];
  return (
    <section className={own.block} aria-labelledby="data-backup" data-part="backup">
      <div className={own.row}>
        <h3 id="data-backup" tabIndex={-1}>
          {text.title}
        </h3>
        <Button small busy={busy} onClick={() => void backUp(client)} data-testid="backup-now">
          {text.now}
        </Button>
      </div>
      <p className={styles.text}>{text.text}</p>
      {paused && (
        <Notice tone="warn" testId="backup-paused">
          {text.paused}
        </Notice>
      )}
      {backups.isPending && <Skeleton lines={3} />}
      {backups.isError && (
        <Notice
          tone="danger"
          title={text.failed}
          testId="backup-failed"
          actions={
            <Button small onClick={() => void backups.refetch()}>
              {words.problem.again}
            </Button>
          }
        >
          <ErrorText error={toWireError(backups.error)} />
        </Notice>
      )}
      {backups.data?.length === 0 && (
        <div className={styles.empty} data-testid="backup-empty">
          <p>{text.empty}</p>
          <p className={styles.text}>{text.emptyText}</p>
        </div>
      )}
      {last && (
        <>
          <p data-testid="backup-last">{text.last(formatDayAndTime(last.at))}</p>
          <ul className={styles.list} aria-label={text.list}>
            {backups.data?.map((backup) => {
              const at = formatDayAndTime(backup.at);
              return (
                <li key={backup.name} className={styles.item} data-testid="backup-row">
                  <p>
                    {at}
                    <small>{text.reasons[backup.reason]}</small>
                  </p>
                  <span className={styles.size}>{formatBytes(backup.kilobytes * 1000)}</span>
                  <Button small look="quiet" aria-label={text.restoreOf(at)} onClick={() => setChosen(backup)} data-testid="backup-restore">
                    {text.restore}
                  </Button>
                </li>
              );
            })}
          </ul>
        </>
      )}
      {chosen && (
        <RestoreDialog
          backup={chosen}
          onClose={() => setChosen(null)}
          onRestored={() => {
            setChosen(null);
            onReplaced();
            void backupsChanged(client);
          }}
        />
      )}
    </section>
  );
}

type RestoreDialogProps = { backup: Backup; onClose: () => void; onRestored: () => void };

/** Says what happens before it does. */
function RestoreDialog({ backup, onClose, onRestored }: RestoreDialogProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const at = formatDayAndTime(backup.at);
  const restore = async () => {
    setBusy(true);
    setError(null);
    try {
      await commands.backupRestore(backup.name);
      showToast(text.restored(at));
      onRestored();
    } catch (thrown) {
      setError(toWireError(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      // It is done or not: there is no half way to leave it at.
      onClose={() => busy || onClose()}
      title={text.restoreTitle(at)}
      text={
        <div className={styles.dialogText}>
          <p>{text.restoreText}</p>
          <p>{text.restoreNot}</p>
        </div>
      }
      testId="restore-dialog"
      actions={
        <>
          <Button disabled={busy} onClick={onClose}>
            {words.form.cancel}
          </Button>
          <Button look="danger" busy={busy} onClick={() => void restore()} data-testid="restore-yes">
            {text.restoreYes}
          </Button>
        </>
      }
    >
      {error && (
        <Notice tone="danger" role="alert" title={text.restoreFailed} testId="restore-failed">
          <ErrorText error={error} />
        </Notice>
      )}
    </Dialog>
  );
}
