import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Backup, type Code, commands, type Recovered, type WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { toWireError } from "@/lib/errors";
import { formatDayAndTime } from "@/lib/format";
import { words } from "@/lib/words";

const text = words.data.rescue;

/** Where an older copy is of help: not where the disk is full, or another program is at work. */
const helped: Code[] = ["store_damaged", "store_failed"];

type RescueProps = { error: WireError; onRecovered: (recovered: Recovered) => void };

/** The way back to the newest backup of a home that cannot be opened, in one step: the damaged file is kept, so nothing is asked. */
export function Rescue({ error, onRecovered }: RescueProps) {
  const client = useQueryClient();
  const helps = helped.includes(error.code);
  const backups = useQuery<Backup[]>({
    queryKey: ["backup", "closed"],
    queryFn: () => commands.backupListClosed(),
    staleTime: 0,
    enabled: helps,
  });
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<WireError | null>(null);
  // What was kept aside before is the very thing that is of no help.
  const newest = backups.data?.find(({ reason }) => reason !== "before_restore");
  // Without a backup there is something to gain only where a file is there and damaged.
  if (!helps || !backups.data || (!newest && error.code !== "store_damaged")) return null;
  const recover = async () => {
    setBusy(true);
    setFailed(null);
    try {
      onRecovered(await commands.backupRecover());
      await client.invalidateQueries({ queryKey: ["backup"] });
    } catch (thrown) {
      setFailed(toWireError(thrown));
      setBusy(false);
    }
  };
  return (
    <>
      <p data-testid="rescue">{newest ? text.text(formatDayAndTime(newest.at)) : text.none}</p>
      <Button look="primary" busy={busy} onClick={() => void recover()} data-testid="rescue-offer">
        {text.offer}
      </Button>
      {failed && (
        <Notice tone="danger" role="alert" title={text.failed} testId="rescue-failed">
          <ErrorText error={failed} />
        </Notice>
      )}
    </>
  );
}

/** What became of it, before the twin is opened again. */
export function WhatBecame({ recovered }: { recovered: Recovered }) {
  const { backup, aside, readable, messages, changes, lost, lost_from, lost_to, until, syncs } = recovered;
  const between = lost_from && lost_to ? text.between(formatDayAndTime(lost_from), formatDayAndTime(lost_to)) : "";
  return (
    <div role="status" className="selectable" data-testid="rescued">
      <p>{text.from(backup && formatDayAndTime(backup.at))}</p>
      <p>{readable ? text.read(messages, changes) : text.unread}</p>
      {lost > 0 && (
        <p data-testid="rescued-lost">
          {text.lost(lost)} {between}
        </p>
      )}
      {lost === 0 && readable && <p>{text.whole}</p>}
      {until && <p>{text.until(formatDayAndTime(until))}</p>}
      {syncs && <p>{text.syncs}</p>}
      {aside && <p>{text.kept(aside.name)}</p>}
    </div>
  );
}
