import {
  Archive,
  ArchiveRestore,
  Ellipsis,
  FileOutput,
  ListChecks,
  Pencil,
  Pin,
  PinOff,
  Square,
  SquareCheck,
  Tag,
  Trash2,
} from "lucide-react";
import { Fragment, type KeyboardEvent, type MouseEvent, memo, useState } from "react";
import type { Session } from "@/bindings";
import { classNames } from "@/kit/class-names";
import { InlineField } from "@/kit/inline-edit";
import { Menu } from "@/kit/menu";
import { useTitleArrived } from "@/lib/filing";
import { keysShown } from "@/lib/shortcut";
import { words } from "@/lib/words";
import type { ListAction } from "./keys";
import styles from "./session-row.module.css";

export type RowDoings = {
  click: (session: Session, event: MouseEvent) => void;
  focus: (session: Session) => void;
  keyDown: (session: Session, event: KeyboardEvent) => void;
  act: (action: ListAction, session: Session) => void;
  rename: (session: Session, title: string) => void;
  endRename: (session: Session) => void;
  drag: (session: Session) => void;
};

type SessionRowProps = {
  session: Session;
  open: boolean;
  reachable: boolean;
  renaming: boolean;
  /** Null: nothing is being selected, so rows open. */
  selected: boolean | null;
  /** The tag that all rows have, which need not be said. */
  commonTag: string | null;
  doings: RowDoings;
};

/** More than these would push the title out of the eye. */
const mostTags = 2;

export const SessionRow = memo(function SessionRow(props: SessionRowProps) {
  const { session, open, reachable, renaming, selected, commonTag, doings } = props;
  // Null until it is first asked for: hundreds of menus that nobody opens would be most of what the list costs.
  const [menu, setMenu] = useState<boolean | null>(null);
  const arrived = useTitleArrived(session.id, session.title_by);
  const title = session.title || words.sessions.untitled;
  const tags = session.tags.filter((tag) => tag !== commonTag);
  const selecting = selected !== null;
  const more = {
    type: "button" as const,
    className: styles.more,
    "aria-label": words.sessions.more(title),
    tabIndex: reachable ? 0 : -1,
    "data-testid": "session-menu",
    children: <Ellipsis size={15} strokeWidth={1.8} aria-hidden />,
  };
  const Box = selected ? SquareCheck : Square;
  return (
    <li
      className={classNames(styles.row, open && styles.open, selected && styles.selected)}
      data-testid="session-item"
      data-session-id={session.id}
      // While it is renamed, its words are what is dragged over.
      draggable={!renaming}
      onDragStart={(event) => {
        if (renaming) return;
        // Files leave the window by the program; what the page could carry is a text.
        event.preventDefault();
        doings.drag(session);
      }}
    >
      {renaming ? (
        <div className={styles.rename}>
          <InlineField
            value={session.title}
            label={words.sessions.titleLabel}
            onSave={(next) => doings.rename(session, next)}
            onDone={() => doings.endRename(session)}
          />
        </div>
      ) : (
        <>
          <button
            type="button"
            className={styles.title}
            data-open=""
            {...(selecting ? { role: "checkbox", "aria-checked": selected } : { "aria-current": open ? ("page" as const) : undefined })}
            aria-description={tags.length > 0 ? words.sessions.tagged(session.tags) : undefined}
            tabIndex={reachable ? 0 : -1}
            title={title}
            onClick={(event) => doings.click(session, event)}
            onFocus={() => doings.focus(session)}
            onKeyDown={(event) => doings.keyDown(session, event)}
            onContextMenu={(event) => {
              event.preventDefault();
              if (!selecting) setMenu(true);
            }}
          >
            {selecting && <Box size={15} strokeWidth={1.8} aria-hidden />}
            <span className={styles.text}>
              <span className={classNames(styles.name, arrived && styles.arrived)} dir="auto">
                {title}
              </span>{" "}
              {tags.length > 0 && (
                <span className={styles.tags} title={words.sessions.tagged(session.tags)}>
                  {tags.slice(0, mostTags).map((tag) => (
                    <Fragment key={tag}>
                      <span className={styles.tag} dir="auto">
                        {tag}
                      </span>{" "}
                    </Fragment>
                  ))}
                  {tags.length > mostTags && <span>{words.sessions.moreTags(tags.length - mostTags)}</span>}
                </span>
              )}
            </span>
          </button>
          {!selecting && menu === null && <button {...more} aria-haspopup="menu" onClick={() => setMenu(true)} />}
          {!selecting && menu !== null && (
            <Menu
              open={menu}
              onOpenChange={setMenu}
              trigger={<button {...more} />}
              items={menuOf(session).map(({ action, label, icon, danger }) => ({
                label,
                icon,
                danger,
                keys: keysShown(action),
                // Once the menu has gone, or it would take the focus back from a field or dialog that opens, or a row that moves.
                onSelect: () => setTimeout(() => doings.act(action, session), 0),
              }))}
            />
          )}
        </>
      )}
    </li>
  );
});

function menuOf({ pinned, archived }: Session) {
  const text = words.sessions;
  const pin = { action: "pin_chat" as const, label: pinned ? text.unpin : text.pin, icon: pinned ? PinOff : Pin, danger: false };
  return [
    { action: "rename_chat" as const, label: text.rename, icon: Pencil, danger: false },
    ...(archived ? [] : [pin]),
    { action: "tag_chat" as const, label: text.tags, icon: Tag, danger: false },
    { action: "select_chat" as const, label: text.select, icon: ListChecks, danger: false },
    { action: "export_chat" as const, label: words.data.chat.menu, icon: FileOutput, danger: false },
    {
      action: "archive_chat" as const,
      label: archived ? text.putBack : text.archive,
      icon: archived ? ArchiveRestore : Archive,
      danger: false,
    },
    { action: "delete_chat" as const, label: text.remove, icon: Trash2, danger: true },
  ];
}
