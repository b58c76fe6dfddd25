import { Cloud, CloudAlert, CloudOff, type LucideIcon, Pause, RefreshCw } from "lucide-react";
import type { SyncState } from "@/bindings";
import { IconButton } from "@/kit/button";
import { useSync } from "@/lib/query";
import { needsOwner } from "@/lib/sync";
import { words } from "@/lib/words";
import styles from "./sidebar.module.css";

const icons: Record<Exclude<SyncState, "off">, LucideIcon> = {
  settled: Cloud,
  running: RefreshCw,
  offline: CloudOff,
  paused: Pause,
  failed: CloudAlert,
};

/** How syncing stands, where it is on. By itself, so that a round does not draw the list of chats anew. */
export function SyncMark({ onOpen }: { onOpen: () => void }) {
  const status = useSync().data;
  if (!status || status.state === "off") return null;
  const urgent = needsOwner(status);
  return (
    <IconButton
      label={words.sync.mark(urgent ? words.sync.attention : words.sync.states[status.state])}
      icon={urgent ? CloudAlert : icons[status.state]}
      className={urgent ? styles.urgent : undefined}
      onClick={onOpen}
      data-state={urgent ? "urgent" : status.state}
      data-testid="sync-mark"
    />
  );
}
