import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import type { Session } from "@/bindings";
import { classNames } from "@/kit/class-names";
import { InlineField } from "@/kit/inline-edit";
import { Menu } from "@/kit/menu";
import { words } from "@/lib/words";
import styles from "./session-list.module.css";

type SessionRowProps = {
  session: Session;
  open: boolean;
  reachable: boolean;
  renaming: boolean;
  onOpen: () => void;
  onFocus: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onStartRename: () => void;
  onRename: (title: string) => void;
  onEndRename: () => void;
  onDelete: () => void;
};

export function SessionRow(props: SessionRowProps) {
  const { session, open, reachable, renaming, onOpen, onFocus, onKeyDown, onStartRename, onRename, onEndRename, onDelete } = props;
  const [menuOpen, setMenuOpen] = useState(false);
  const title = session.title || words.sessions.untitled;
  return (
    <li className={classNames(styles.row, open && styles.open)} data-testid="session-item" data-session-id={session.id}>
      {renaming ? (
        <div className={styles.rename}>
          <InlineField value={session.title} label={words.sessions.titleLabel} onSave={onRename} onDone={onEndRename} />
        </div>
      ) : (
        <>
          <button
            type="button"
            className={styles.title}
            dir="auto"
            data-open=""
            aria-current={open ? "page" : undefined}
            tabIndex={reachable ? 0 : -1}
            title={title}
            onClick={onOpen}
            onFocus={onFocus}
            onKeyDown={onKeyDown}
            onContextMenu={(event) => {
              event.preventDefault();
              setMenuOpen(true);
            }}
          >
            {title}
          </button>
          <Menu
            open={menuOpen}
            onOpenChange={setMenuOpen}
            trigger={
              <button
                type="button"
                className={styles.more}
                aria-label={words.sessions.more(title)}
                tabIndex={reachable ? 0 : -1}
                data-testid="session-menu"
              >
                <Ellipsis size={15} strokeWidth={1.8} aria-hidden />
              </button>
            }
            items={[
              // The field is put there once the menu has gone, or the menu would take the focus back from it.
              { label: words.sessions.rename, icon: Pencil, keys: "F2", onSelect: () => setTimeout(onStartRename, 0) },
              { label: words.sessions.remove, icon: Trash2, keys: "Del", danger: true, onSelect: onDelete },
            ]}
          />
        </>
      )}
    </li>
  );
}
