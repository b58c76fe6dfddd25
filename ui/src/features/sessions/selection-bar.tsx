import { Archive, ArchiveRestore, FileOutput, Tag, Trash2, X } from "lucide-react";
import { IconButton } from "@/kit/button";
import { words } from "@/lib/words";
import type { View } from "./order";
import styles from "./session-list.module.css";

type SelectionBarProps = {
  count: number;
  view: View;
  onArchive: () => void;
  onTag: () => void;
  onExport: () => void;
  onDelete: () => void;
  onEnd: () => void;
};

/** What can be done to several chats, below the list while some are selected: above, it would move the rows away from under the pointer. */
export function SelectionBar({ count, view, onArchive, onTag, onExport, onDelete, onEnd }: SelectionBarProps) {
  const text = words.sessions;
  const back = view === "archived";
  return (
    <div
      className={styles.bar}
      role="toolbar"
      aria-label={text.selection}
      tabIndex={-1}
      data-testid="selection-bar"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onEnd();
      }}
    >
      <IconButton label={text.endSelection} icon={X} onClick={onEnd} data-testid="selection-end" />
      <span className={styles.count} aria-hidden>
        {text.selectedShort(count)}
      </span>
      <IconButton
        label={back ? text.putBack : text.archive}
        icon={back ? ArchiveRestore : Archive}
        onClick={onArchive}
        data-testid="selection-archive"
      />
      <IconButton label={text.tags} icon={Tag} onClick={onTag} data-testid="selection-tag" />
      <IconButton label={words.data.chat.menu} icon={FileOutput} onClick={onExport} data-testid="selection-export" />
      <IconButton label={text.remove} icon={Trash2} className={styles.delete} onClick={onDelete} data-testid="selection-delete" />
    </div>
  );
}
