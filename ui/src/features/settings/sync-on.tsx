import { useQueryClient } from "@tanstack/react-query";
import { Pause, Play, RefreshCw } from "lucide-react";
import { useRef } from "react";
import { commands, type Settings, type SyncStatus } from "@/bindings";
import { Button } from "@/kit/button";
import { Notice } from "@/kit/notice";
import { syncNow, useSyncChange, useSyncingNow } from "@/lib/sync";
import { words } from "@/lib/words";
import own from "./settings-screen.module.css";
import styles from "./sync.module.css";
import { SyncDevices } from "./sync-devices";
import { SyncKeys } from "./sync-keys";
import { SyncLeave } from "./sync-leave";
import { Alarms, placeText, StatusLine, Trouble } from "./sync-status";
import { SyncVerify, verify } from "./sync-verify";
import { SyncVersions } from "./sync-versions";

const text = words.sync;

/** How syncing stands, and everything that can be done about it. */
export function SyncOn({ status, settings }: { status: SyncStatus; settings: Settings }) {
  const client = useQueryClient();
  const change = useSyncChange();
  const busy = useSyncingNow();
  const checking = useRef<HTMLDivElement>(null);
  const paused = status.state === "paused";
  const check = () => {
    checking.current?.querySelector<HTMLElement>("h3")?.focus();
    // jsdom lacks it.
    checking.current?.scrollIntoView?.({ block: "start" });
    void verify();
  };
  return (
    <>
      <div className={styles.card} data-testid="sync-on">
        <StatusLine status={status}>
          <div className={styles.buttons}>
            <Button
              small
              icon={paused ? Play : Pause}
              onClick={() => void change(() => commands.syncPause(!paused))}
              data-testid="sync-pause"
            >
              {paused ? text.resume : text.pause}
            </Button>
            <Button small look="primary" icon={RefreshCw} busy={busy} onClick={() => void syncNow(client)} data-testid="sync-now">
              {text.now}
            </Button>
          </div>
        </StatusLine>
        {status.place && (
          <p className={`${styles.place} selectable`} dir="auto" data-testid="sync-place">
            {placeText(status.place)}
          </p>
        )}
      </div>
      <Trouble status={status} />
      {settings.background_paused && !paused && (
        <Notice tone="warn" testId="sync-background">
          {text.background}
        </Notice>
      )}
      <Alarms status={status} onCheck={check} />
      <SyncVersions status={status} />
      <SyncDevices status={status} />
      <SyncKeys place={status.place} />
      <div ref={checking} className={own.block}>
        <SyncVerify />
      </div>
      <SyncLeave waiting={status.waiting.records} />
    </>
  );
}
