import { type ReactNode, useState } from "react";
import type { WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { errorLook } from "@/lib/errors";
import { useSyncChange } from "@/lib/sync";
import { words } from "@/lib/words";
import data from "./data-section.module.css";

type SyncConfirmProps<T> = {
  title: string;
  text: ReactNode;
  yes: string;
  /** It cannot be taken back. */
  danger?: boolean;
  children?: ReactNode;
  /** Whether it may be tried now. */
  ready?: () => boolean;
  work: () => Promise<T>;
  onClose: () => void;
  onDone: (gave: T) => void;
  testId: string;
};

/** Says what is going to happen, does it, and stays with the reason if that did not work. */
export function SyncConfirm<T>({ title, text, yes, danger, children, ready, work, onClose, onDone, testId }: SyncConfirmProps<T>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const change = useSyncChange();
  const run = async () => {
    if (ready && !ready()) return;
    setBusy(true);
    setError(null);
    const done = await change(work, setError);
    if (done) onDone(done.gave);
    else setBusy(false);
  };
  return (
    <Dialog
      open
      // It is done or not: there is no half way to leave it at.
      onClose={() => busy || onClose()}
      title={title}
      text={<div className={data.dialogText}>{text}</div>}
      testId={testId}
      actions={
        <>
          <Button disabled={busy} onClick={onClose}>
            {words.form.cancel}
          </Button>
          <Button look={danger ? "danger" : "primary"} busy={busy} onClick={() => void run()} data-testid={`${testId}-yes`}>
            {yes}
          </Button>
        </>
      }
    >
      {children}
      {error && (
        <Notice tone="danger" role="alert" icon={errorLook(error.code).icon} title={words.sync.couldNot} testId={`${testId}-failed`}>
          <ErrorText error={error} here={words.sync.problems} />
        </Notice>
      )}
    </Dialog>
  );
}
