import { Archive, ArrowLeft, Check, ChevronDown, Tag, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useReducer, useRef, useState } from "react";
import type { Audience, Session, SessionId } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { ErrorText } from "@/kit/error-text";
import { Menu } from "@/kit/menu";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { toWireError } from "@/lib/errors";
import { askExport, dragOut } from "@/lib/export";
import { formatCount } from "@/lib/format";
import { useSessions } from "@/lib/query";
import { useStable } from "@/lib/stable";
import { words } from "@/lib/words";
import { useSessionActions } from "./actions";
import { type ListAction, listAction } from "./keys";
import { grouped, inView, tagCounts, type View } from "./order";
import { useSelection } from "./selection";
import { SelectionBar } from "./selection-bar";
import styles from "./session-list.module.css";
import { type RowDoings, SessionRow } from "./session-row";
import { TagsDialog } from "./tags-dialog";

const page = 200;

type SessionListProps = {
  audience: Audience;
  current: SessionId | null;
  onOpen: (session: SessionId) => void;
  onDeleted: (sessions: SessionId[]) => void;
};

export function SessionList(props: SessionListProps) {
  const { audience } = props;
  const sessions = useSessions(audience);
  if (sessions.isPending) return <div className={styles.state}>{<Skeleton lines={5} />}</div>;
  if (sessions.isError) {
    const again = (
      <Button small onClick={() => void sessions.refetch()}>
        {words.problem.again}
      </Button>
    );
    return (
      <Notice tone="danger" title={words.sessions.failed} actions={again}>
        <ErrorText error={toWireError(sessions.error)} />
      </Notice>
    );
  }
  return <Listed {...props} all={sessions.data} />;
}

function Listed({ audience, current, onOpen, onDeleted, all }: SessionListProps & { all: Session[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>("all");
  const [chosenTag, setTag] = useState<string | null>(null);
  const [shown, setShown] = useState(page);
  const [renaming, setRenaming] = useState<SessionId | null>(null);
  const [cursor, setCursor] = useState<SessionId | null>(null);
  const [tagging, setTagging] = useState<SessionId[]>([]);
  const actions = useSessionActions(audience);

  const filed = useMemo(() => all.filter((one) => one.archived === (view === "archived")), [all, view]);
  const tags = useMemo(() => tagCounts(filed), [filed]);
  // The last chat with a tag may lose it: then there is nothing to filter by.
  const tag = tags.some(([one]) => one === chosenTag) ? chosenTag : null;
  const rows = useMemo(() => inView(filed, view, tag), [filed, view, tag]);
  const order = useMemo(() => rows.map(({ id }) => id), [rows]);
  const visible = useMemo(() => rows.slice(0, shown), [rows, shown]);
  const groups = useMemo(() => grouped(visible, view, new Date()), [visible, view]);
  const archived = useMemo(() => all.filter((one) => one.archived).length, [all]);
  const { selected, toggle, range, all: selectAll, clear } = useSelection(order);
  const selecting = selected.size > 0;
  const chosen = rows.filter(({ id }) => selected.has(id));

  // One row of the list is in the tab order: the one last reached, else the open one, else the first.
  const reachable = [cursor, current].find((id) => id && visible.some((session) => session.id === id)) ?? visible[0]?.id;

  // A row that moves to another group is made anew, and the focus is to go with it.
  const wanted = useRef<SessionId | null>(null);
  useEffect(() => {
    const row = wanted.current && box.current?.querySelector<HTMLElement>(`[data-session-id="${CSS.escape(wanted.current)}"] [data-open]`);
    if (!row) return;
    wanted.current = null;
    row.focus();
  });
  const [, drawAgain] = useReducer((times: number) => times + 1, 0);
  const focusRow = (id: SessionId | undefined) => {
    if (!id) return;
    wanted.current = id;
    setCursor(id);
    drawAgain();
  };
  /** The row that has the focus when these have left the list. */
  const focusBeside = (gone: Session[]) => {
    const at = visible.findIndex(({ id }) => id === gone[0]?.id);
    const stays = (one: Session) => !gone.includes(one);
    focusRow((visible.slice(at).find(stays) ?? visible.slice(0, at).reverse().find(stays))?.id);
  };

  const show = (next: View) => {
    setView(next);
    setTag(null);
    setShown(page);
    setCursor(null);
    clear();
  };
  const filter = (next: string | null) => {
    setTag(next);
    setShown(page);
    clear();
  };
  const archive = (these: Session[]) => {
    focusBeside(these);
    clear();
    void actions.archive(these, view === "all");
  };
  const remove = (these: Session[]) => {
    focusBeside(these);
    clear();
    void actions.remove(these);
    onDeleted(these.map(({ id }) => id));
  };

  /** The selected ones, if it is one of them. */
  const meant = (session: Session) => (selected.has(session.id) ? chosen : [session]);
  const act = (action: ListAction, session: Session) => {
    const these = meant(session);
    if (action === "select_all_chats") selectAll();
    else if (action === "select_chat") {
      toggle(session.id);
      focusRow(session.id);
    } else if (action === "tag_chat") setTagging(these.map(({ id }) => id));
    else if (action === "export_chat") askExport(these);
    else if (action === "archive_chat") archive(these);
    else if (action === "delete_chat") remove(these);
    else if (selecting) return;
    else if (action === "rename_chat") setRenaming(session.id);
    else if (view === "all") {
      actions.pin([session], !session.pinned);
      // After the row has moved.
      setTimeout(() => focusRow(session.id));
    }
  };

  const onKeyDown = (session: Session, event: KeyboardEvent) => {
    const at = visible.findIndex((one) => one.id === session.id);
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: visible.length - 1 };
    const to = moves[event.key];
    const action = listAction(event.nativeEvent);
    if (to !== undefined) {
      const next = visible[to];
      if (next && event.shiftKey) range(next.id, session.id);
      focusRow(next?.id);
    } else if (event.key === "Escape" && selecting) clear();
    else if (action) act(action, session);
    else return;
    event.preventDefault();
  };

  const doings = useStable<RowDoings>({
    click: (session, event) => {
      if (event.shiftKey) range(session.id, cursor ?? current);
      else if (selecting || event.ctrlKey || event.metaKey) toggle(session.id);
      else onOpen(session.id);
    },
    focus: (session) => setCursor(session.id),
    keyDown: onKeyDown,
    act,
    drag: (session) => dragOut(meant(session)),
    rename: (session, title) => actions.rename(session.id, title),
    endRename: (session) => {
      setRenaming(null);
      // After the field has gone, so that the row is there to take the focus; not from what somebody went on to, whose letters
      // would be keys of the row.
      setTimeout(() => document.activeElement?.contains(box.current) && focusRow(session.id));
    },
  });

  const own = audience === "owner";
  const text = words.sessions;
  const empty =
    view === "archived"
      ? [text.archivedEmpty, text.archivedEmptyText]
      : archived > 0
        ? [text.allArchived, text.allArchivedText]
        : own
          ? [text.empty, text.emptyText]
          : [text.emptyVisitor, text.emptyVisitorText];

  return (
    // What Esc does here is to end selecting; a drawer around it leaves it that.
    <div className={styles.whole} ref={box} data-own-escape={selecting || undefined}>
      {(view === "archived" || tags.length > 0) && (
        <div className={styles.head}>
          {view === "archived" && (
            <>
              <IconButton label={text.archivedBack} icon={ArrowLeft} onClick={() => show("all")} data-testid="archived-back" />
              <h2>{text.archived}</h2>
            </>
          )}
          {tags.length > 0 && <TagFilter tag={tag} tags={tags} onFilter={filter} />}
        </div>
      )}
      <div className={styles.scroll}>
        {rows.length === 0 ? (
          <div className={styles.empty} data-testid="sessions-empty">
            {empty.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </div>
        ) : (
          <ul className={styles.list} aria-label={view === "all" ? text.label : text.archived} data-testid="session-list">
            {groups.map(([heading, members]) => (
              <li key={heading}>
                <h3 className={styles.day}>{heading}</h3>
                <ul>
                  {members.map((session) => (
                    <SessionRow
                      key={session.id}
                      session={session}
                      open={session.id === current}
                      reachable={session.id === reachable}
                      renaming={session.id === renaming}
                      selected={selecting ? selected.has(session.id) : null}
                      commonTag={tag}
                      doings={doings}
                    />
                  ))}
                </ul>
              </li>
            ))}
            {rows.length > shown && (
              <li>
                <Button look="quiet" small onClick={() => setShown(shown + page)}>
                  {text.showMore(rows.length - shown)}
                </Button>
              </li>
            )}
          </ul>
        )}
      </div>
      <span role="status" className="visually-hidden" data-testid="selection-count">
        {selecting && text.selected(selected.size)}
      </span>
      {selecting ? (
        <SelectionBar
          count={selected.size}
          view={view}
          onArchive={() => archive(chosen)}
          onTag={() => setTagging([...selected])}
          onExport={() => askExport(chosen)}
          onDelete={() => remove(chosen)}
          onEnd={() => {
            focusRow(reachable);
            clear();
          }}
        />
      ) : (
        view === "all" &&
        archived > 0 && (
          <button type="button" className={styles.foot} onClick={() => show("archived")} data-testid="show-archived">
            <Archive size={15} strokeWidth={1.8} aria-hidden />
            {text.archivedCount(archived)}
          </button>
        )
      )}
      <TagsDialog
        sessions={all.filter(({ id }) => tagging.includes(id))}
        known={tagCounts(all)}
        onTag={(one, tagged) =>
          actions.tag(
            all.filter(({ id }) => tagging.includes(id)),
            one,
            tagged,
          )
        }
        onClose={() => {
          setTagging([]);
          focusRow(reachable);
        }}
      />
    </div>
  );
}

type TagFilterProps = { tag: string | null; tags: [tag: string, chats: number][]; onFilter: (tag: string | null) => void };

function TagFilter({ tag, tags, onFilter }: TagFilterProps) {
  const text = words.sessions;
  return (
    <>
      <Menu
        trigger={
          <button
            type="button"
            className={classNames(styles.filter, tag !== null && styles.on)}
            aria-label={tag === null ? text.filter : text.filtered(tag)}
            data-testid="tag-filter"
          >
            <Tag size={13} strokeWidth={1.9} aria-hidden />
            <span dir="auto">{tag ?? text.allTags}</span>
            <ChevronDown size={13} strokeWidth={2} aria-hidden />
          </button>
        }
        items={tags.map(([one, chats]) => ({
          label: one,
          icon: one === tag ? Check : Tag,
          keys: formatCount(chats),
          onSelect: () => onFilter(one === tag ? null : one),
        }))}
      />
      {tag !== null && <IconButton label={text.noFilter} icon={X} size={14} onClick={() => onFilter(null)} data-testid="tag-filter-off" />}
    </>
  );
}
