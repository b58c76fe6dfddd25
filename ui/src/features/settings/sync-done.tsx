import { useSync } from "@/lib/query";
import { words } from "@/lib/words";
import form from "./form.module.css";
import { type Draft, endDraft } from "./sync-draft";
import { StatusLine, Trouble } from "./sync-status";
import { SyncStep } from "./sync-step";

const text = words.sync.setup;

export function SyncDone({ draft }: { draft: Draft }) {
  const status = useSync().data;
  return (
    <SyncStep title={text.done} about={draft.way === "setup" ? text.doneFirst : text.doneJoin} next={text.end} onNext={endDraft} final>
      {status && (
        <>
          <StatusLine status={status} />
          <Trouble status={status} />
        </>
      )}
      {draft.way === "setup" && <p className={form.hint}>{text.doneNext}</p>}
    </SyncStep>
  );
}
