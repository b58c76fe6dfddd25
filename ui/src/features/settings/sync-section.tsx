import { KeyRound, Laptop } from "lucide-react";
import type { Settings } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { toWireError } from "@/lib/errors";
import { useSync } from "@/lib/query";
import { words } from "@/lib/words";
import own from "./settings-screen.module.css";
import styles from "./sync.module.css";
import { beginDraft, useDraft } from "./sync-draft";
import { SyncOn } from "./sync-on";
import { SyncWizard } from "./sync-wizard";

const text = words.sync;

export function SyncSection({ settings }: { settings: Settings }) {
  const status = useSync();
  const draft = useDraft();
  // First: the recovery code is still to be kept although syncing is on.
  if (draft) return <SyncWizard draft={draft} />;
  const begin = (way: "setup" | "join") => beginDraft(way, settings.sync.device_name);
  const on = status.data && status.data.state !== "off" ? status.data : null;
  return (
    <div className={styles.whole} data-testid="sync-section">
      <div className={own.intro}>
        <h2>{words.settings.sections.sync}</h2>
        <p>{text.text}</p>
      </div>
      {status.isPending && <Skeleton lines={4} />}
      {status.isError && (
        <Notice
          tone="danger"
          title={text.unreadable}
          testId="sync-unreadable"
          actions={
            <Button small onClick={() => void status.refetch()}>
              {words.problem.again}
            </Button>
          }
        >
          <ErrorText error={toWireError(status.error)} here={words.sync.problems} />
        </Notice>
      )}
      {on && <SyncOn status={on} settings={settings} />}
      {status.data?.state === "off" && (
        <div className={styles.off} data-testid="sync-off">
          <p className={styles.private}>
            <KeyRound size={16} strokeWidth={1.8} aria-hidden />
            {text.private}
          </p>
          <div className={styles.ways}>
            <Button look="primary" onClick={() => begin("setup")} data-testid="sync-set-up">
              {text.first}
            </Button>
            <Button icon={Laptop} onClick={() => begin("join")} data-testid="sync-join">
              {text.joinOther}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
