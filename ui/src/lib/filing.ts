import type { QueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { commands, type Session, type SessionChange, type SessionId } from "@/bindings";
import { errorText, toWireError } from "./errors";
import { keys } from "./query";
import { showToast } from "./toast";

/** As the program does it. */
export function changed(session: Session, change: SessionChange): Session {
  switch (change.type) {
    case "pinned":
      return { ...session, pinned: change.pinned };
    case "archived":
      return { ...session, archived: change.archived };
    case "tagged": {
      const others = session.tags.filter((tag) => tag !== change.tag);
      return { ...session, tags: change.tagged ? [...others, change.tag].sort() : others };
    }
    case "deleted":
      return session;
  }
}

const newestFirst = (a: Session, b: Session) => b.updated_at.localeCompare(a.updated_at);

/**
 * Shown at once, and taken back with a word if the program refuses; resolves to whether it was done. The sessions, of one audience, are
 * given as they are now: that is what comes back, also when they are brought back from being deleted.
 */
export async function changeSessions(client: QueryClient, sessions: Session[], change: SessionChange): Promise<boolean> {
  const [first] = sessions;
  if (!first) return true;
  const queryKey = keys.sessions(first.audience);
  const ids = sessions.map(({ id }) => id);
  const put = (after: Session[]) =>
    client.setQueryData<Session[]>(queryKey, (list) => {
      const touched = new Set(ids);
      return list && [...list.filter((one) => !touched.has(one.id)), ...after].sort(newestFirst);
    });
  void client.cancelQueries({ queryKey });
  put(change.type === "deleted" && change.deleted ? [] : sessions.map((session) => changed(session, change)));
  try {
    await commands.sessionChange(ids, change);
    return true;
  } catch (thrown) {
    put(change.type === "deleted" && !change.deleted ? [] : sessions);
    showToast(errorText(toWireError(thrown)), { tone: "warn" });
    return false;
  } finally {
    void client.invalidateQueries({ queryKey });
  }
}

/** Whether the model found this session's title while it was in view: then the new one comes in quietly. */
export function useTitleArrived(id: SessionId | null, titleBy: Session["title_by"] | undefined): boolean {
  const [first, setFirst] = useState({ id, titleBy });
  if (first.id !== id || first.titleBy === undefined) {
    if (first.id !== id || titleBy !== undefined) setFirst({ id, titleBy });
    return false;
  }
  return first.titleBy === "opening" && titleBy === "model";
}
