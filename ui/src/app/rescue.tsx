import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Backup, type Code, commands, type WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { toWireError } from "@/lib/errors";
import { formatDayAndTime } from "@/lib/format";
import { words } from "@/lib/words";

const text = words.data.rescue;

/** Where an older copy is of help: not where the disk is full, or another program is at work. */
const helped: Code[] = ["store_damaged", "store_failed"];

/** The way back to the newest backup of a home that cannot be opened. Nothing where there is none. */
export function Rescue({ error, onRestored }: { error: WireError; onRestored: () => void }) {
  const helps = helped.includes(error.code);
  const backups = useQuery<Backup[]>({
    queryKey: ["backup", "closed"],
    queryFn: () => commands.backupListClosed(),
    staleTime: 0,
    enabled: helps,
  });
  const [asking, setAsking] = useState(false);
  // What was kept aside before is the very thing that is of no help.
  const newest = backups.data?.find(({ reason }) => reason !== "before_restore");
  if (!helps || !newest) return null;
  const at = formatDayAndTime(newest.at);
  return (
    <>
      <p data-testid="rescue">{text.text(at)}</p>
      <Button onClick={() => setAsking(true)} data-testid="rescue-offer">
        {text.offer}
      </Button>
      {asking && <Asking backup={newest} at={at} onClose={() => setAsking(false)} onRestored={onRestored} />}
    </>
  );
}

function Asking({ backup, at, onClose, onRestored }: { backup: Backup; at: string; onClose: () => void; onRestored: () => void }) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<WireError | null>(null);
  const restore = async () => {
    setBusy(true);
    setFailed(null);
    try {
      await commands.backupRestoreClosed(backup.name);
      await client.invalidateQueries({ queryKey: ["backup"] });
      onRestored();
    } catch (thrown) {
      setFailed(toWireError(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={() => busy || onClose()}
      title={words.data.backup.restoreTitle(at)}
      text={text.lost}
      testId="rescue-dialog"
      actions={
        <>
          <Button disabled={busy} onClick={onClose}>
            {words.form.cancel}
          </Button>
          <Button look="danger" busy={busy} onClick={() => void restore()} data-testid="rescue-yes">
            {words.data.backup.restoreYes}
          </Button>
        </>
      }
    >
      {failed && (
        <Notice tone="danger" role="alert" title={words.data.backup.restoreFailed}>
          <ErrorText error={failed} />
        </Notice>
      )}
    </Dialog>
  );
}
