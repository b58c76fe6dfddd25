import type { Message, MessageId, PathMessage, PathPage, PathPlace, Session, SessionId } from "@/bindings";
import type { World } from "./commands";
import { type Command, fail, notify, sessionOf } from "./common";
import { spendOf } from "./spend";
import { newestLeaf, pathTo, shownPath, subtree, versions } from "./tree";

const changed = (session: SessionId) => notify({ type: "messages_changed", session_id: session }, "messages", "sessions");

/** What of a session was not deleted, oldest first. */
export function messagesOf(world: World, session: SessionId): Message[] {
  const all = world.messages.filter((message) => message.session_id === session);
  const gone = all.filter(({ id }) => world.cut.has(id)).map(({ id }) => subtree(all, id));
  return gone.length === 0 ? all : all.filter(({ id }) => !gone.some((branch) => branch.has(id)));
}

/** The branch that a session shows; a reply that is being written ends it. */
export function pathOf(world: World, session: Session): Message[] {
  const messages = messagesOf(world, session.id);
  const growing = messages.find(({ status }) => status === "streaming");
  return growing ? pathTo(messages, growing.id) : shownPath(messages, session.head);
}

function there(messages: Message[], id: MessageId): Message {
  const message = messages.find((one) => one.id === id);
  if (!message) throw fail("not_found", "the message is no longer there", "choose another one");
  return message;
}

function startOf(path: Message[], place: PathPlace, count: number): number {
  if (place.type === "end") return Math.max(0, path.length - count);
  if (place.type === "from") return Math.min(place.index, path.length);
  const at = path.indexOf(there(path, place.message));
  return Math.max(0, Math.min(at - Math.floor(count / 2), path.length - count));
}

export const pathCommands: Record<string, Command> = {
  session_path: (world, { sessionId, place, count }: { sessionId: SessionId; place: PathPlace; count: number }): PathPage => {
    const messages = messagesOf(world, sessionId);
    const path = pathOf(world, sessionOf(world, sessionId));
    const start = startOf(path, place, count);
    const page = path.slice(start, start + count);
    const parents = new Set(page.map(({ parent_id }) => parent_id));
    const beside = messages.filter(({ parent_id }) => parents.has(parent_id));
    const shown = page.map(
      (message): PathMessage => ({
        message,
        versions: versions(beside, message),
        spend: message.usage && spendOf(message.model, message.usage),
      }),
    );
    return { leaf: path.at(-1)?.id ?? null, total: path.length, start, messages: shown };
  },
  session_show: (world, { sessionId, messageId }: { sessionId: SessionId; messageId: MessageId }) => {
    const messages = messagesOf(world, sessionId);
    sessionOf(world, sessionId).head = newestLeaf(messages, there(messages, messageId).id);
    changed(sessionId);
    return null;
  },
  session_fork: (world, { sessionId, messageId }: { sessionId: SessionId; messageId: MessageId }): Session => {
    const source = sessionOf(world, sessionId);
    const messages = messagesOf(world, sessionId);
    const path = pathTo(messages, there(messages, messageId).id);
    const ids = new Map(path.map((message) => [message.id, crypto.randomUUID() as MessageId]));
    const now = new Date().toISOString();
    const fork: Session = {
      ...source,
      id: crypto.randomUUID(),
      created_at: now,
      updated_at: now,
      head: ids.get(messageId) ?? null,
      pinned: false,
      archived: false,
      forked_from: messageId,
    };
    for (const message of path) {
      const copy = ids.get(message.id) as MessageId;
      const parent_id = message.parent_id === null ? null : (ids.get(message.parent_id) ?? null);
      world.messages.push({ ...structuredClone(message), id: copy, session_id: fork.id, parent_id });
      const report = world.reports.get(message.id);
      if (report) world.reports.set(copy, report);
    }
    world.sessions.push(fork);
    notify({ type: "sessions_changed" }, "sessions");
    return fork;
  },
  branch_delete: (world, { sessionId, messageId, deleted }: { sessionId: SessionId; messageId: MessageId; deleted: boolean }) => {
    const session = sessionOf(world, sessionId);
    if (!deleted) world.cut.delete(messageId);
    else {
      const before = messagesOf(world, sessionId);
      const message = there(before, messageId);
      const sisters = versions(before, message).filter((id) => id !== messageId);
      world.cut.add(messageId);
      if (session.head !== null && subtree(before, messageId).has(session.head)) {
        const left = messagesOf(world, sessionId);
        const sister = sisters.at(-1);
        session.head = sister ? newestLeaf(left, sister) : message.parent_id;
      }
    }
    changed(sessionId);
    return null;
  },
  attachment_leave_out_all: (world, { sessionId, messageId }: { sessionId: SessionId; messageId: MessageId }) => {
    for (const message of pathTo(messagesOf(world, sessionId), messageId)) for (const file of message.attachments) file.left_out = true;
    changed(sessionId);
    return null;
  },
};
