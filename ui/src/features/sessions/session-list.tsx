import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Audience, Session, SessionId } from "@/bindings";
import { Button } from "@/kit/button";
import { CodeText } from "@/kit/code-text";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { errorText, toWireError } from "@/lib/errors";
import { dayGroup } from "@/lib/format";
import { useSessions } from "@/lib/query";
import { words } from "@/lib/words";
import { useSessionActions } from "./actions";
import styles from "./session-list.module.css";
import { SessionRow } from "./session-row";

const page = 200;

type SessionListProps = {
  audience: Audience;
  current: SessionId | null;
  onOpen: (session: SessionId) => void;
  onDeleted: (session: SessionId) => void;
};

export function SessionList({ audience, current, onOpen, onDeleted }: SessionListProps) {
  const sessions = useSessions(audience);
  const list = useRef<HTMLUListElement>(null);
  const [shown, setShown] = useState(page);
  const [renaming, setRenaming] = useState<SessionId | null>(null);
  const [cursor, setCursor] = useState<SessionId | null>(null);
  const { rename, remove } = useSessionActions(audience);

  const all = useMemo(() => sessions.data ?? [], [sessions.data]);
  const visible = all.slice(0, shown);
  const groups = useMemo(() => byDay(visible), [visible]);

  if (sessions.isPending) return <div className={styles.state}>{<Skeleton lines={5} />}</div>;
  if (sessions.isError) {
    const again = (
      <Button small onClick={() => void sessions.refetch()}>
        {words.problem.again}
      </Button>
    );
    return (
      <Notice tone="danger" title={words.sessions.failed} actions={again}>
        <CodeText text={errorText(toWireError(sessions.error))} />
      </Notice>
    );
  }
  if (all.length === 0) {
    const own = audience === "owner";
    return (
      <div className={styles.empty} data-testid="sessions-empty">
        <p>{own ? words.sessions.empty : words.sessions.emptyVisitor}</p>
        <p>{own ? words.sessions.emptyText : words.sessions.emptyVisitorText}</p>
      </div>
    );
  }

  // One row of the list is in the tab order: the one last reached, else the open one, else the first.
  const reachable = [cursor, current].find((id) => id && visible.some((session) => session.id === id)) ?? visible[0]?.id;

  const focusRow = (id: SessionId | undefined) => {
    if (!id) return;
    setCursor(id);
    list.current?.querySelector<HTMLElement>(`[data-session-id="${CSS.escape(id)}"] [data-open]`)?.focus();
  };
  const removeRow = (session: Session) => {
    const at = visible.findIndex((one) => one.id === session.id);
    focusRow((visible[at + 1] ?? visible[at - 1])?.id);
    remove(session);
    onDeleted(session.id);
  };
  const onKeyDown = (event: KeyboardEvent, session: Session) => {
    const at = visible.findIndex((one) => one.id === session.id);
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: visible.length - 1 };
    const to = moves[event.key];
    if (to !== undefined) focusRow(visible[to]?.id);
    else if (event.key === "F2") setRenaming(session.id);
    else if (event.key === "Delete") removeRow(session);
    else return;
    event.preventDefault();
  };

  return (
    <ul className={styles.list} ref={list} aria-label={words.sessions.label} data-testid="session-list">
      {groups.map(([day, members]) => (
        <li key={day}>
          <h3 className={styles.day}>{day}</h3>
          <ul>
            {members.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                open={session.id === current}
                reachable={session.id === reachable}
                renaming={session.id === renaming}
                onOpen={() => onOpen(session.id)}
                onFocus={() => setCursor(session.id)}
                onKeyDown={(event) => onKeyDown(event, session)}
                onStartRename={() => setRenaming(session.id)}
                onRename={(title) => rename(session.id, title)}
                onEndRename={() => {
                  setRenaming(null);
                  // After the field has gone, so that the row is there to take the focus.
                  setTimeout(() => focusRow(session.id));
                }}
                onDelete={() => removeRow(session)}
              />
            ))}
          </ul>
        </li>
      ))}
      {all.length > shown && (
        <li>
          <Button look="quiet" small onClick={() => setShown(shown + page)}>
            {words.sessions.showMore(all.length - shown)}
          </Button>
        </li>
      )}
    </ul>
  );
}

function byDay(sessions: Session[]): [day: string, sessions: Session[]][] {
  const now = new Date();
  const groups = new Map<string, Session[]>();
  for (const session of sessions) {
    const day = dayGroup(session.updated_at, now);
    groups.set(day, [...(groups.get(day) ?? []), session]);
  }
  return [...groups];
}
