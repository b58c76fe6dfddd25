import type { Session, SessionChange, SessionId } from "@/bindings";
import { changed } from "@/lib/filing";
import { type Command, notify, sessionOf } from "./common";

export const filingCommands: Record<string, Command> = {
  session_list: (world, { audience }: { audience: Session["audience"] }) =>
    world.sessions
      .filter((session) => session.audience === audience && !session.temporary && !world.deleted.has(session.id))
      .sort((a, b) => b.updated_at.localeCompare(a.updated_at)),
  session_change: (world, { sessionIds, change }: { sessionIds: SessionId[]; change: SessionChange }) => {
    for (const id of sessionIds) {
      if (change.type !== "deleted") Object.assign(sessionOf(world, id), changed(sessionOf(world, id), change));
      else if (change.deleted) world.deleted.add(id);
      else world.deleted.delete(id);
    }
    notify({ type: "sessions_changed" }, "sessions");
    return null;
  },
  session_close: (world, { sessionId }: { sessionId: SessionId }) => {
    if (!sessionOf(world, sessionId).temporary) throw new Error("only a temporary chat is closed");
    world.stops.get(sessionId)?.();
    world.sessions = world.sessions.filter((one) => one.id !== sessionId);
    world.messages = world.messages.filter((one) => one.session_id !== sessionId);
    return null;
  },
};

const manyTags = ["Analytical Engine", "Letters", "music", "poetical science", "Surrey", "a tag that is as long as a tag may be, no more"];

/** Chats as they are after years: some pinned, some archived, many with tags. */
export function fileThem(sessions: Session[]): void {
  for (const [at, session] of sessions.entries()) {
    session.pinned = at === 3 || at === 5;
    session.archived = at % 9 === 6;
    session.tags = manyTags.filter((_, tag) => (at * 7 + tag * 5) % 11 < at % 3).sort();
  }
}
