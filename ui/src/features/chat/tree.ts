import type { Attachment, Message, MessageId } from "@/bindings";

/** Messages from the first one to `leaf`. Stops at a missing parent instead of failing: half a conversation is better than none. */
export function pathTo(messages: Message[], leaf: MessageId | null): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const path: Message[] = [];
  let at = leaf === null ? undefined : byId.get(leaf);
  while (at && !path.includes(at)) {
    path.push(at);
    at = at.parent_id === null ? undefined : byId.get(at.parent_id);
  }
  return path.reverse();
}

/** Where one ends up by always taking the newest branch, from `start` (null: from the beginning). `messages` are oldest first. */
export function newestLeaf(messages: Message[], start: MessageId | null): MessageId | null {
  const newestChild = new Map<MessageId | null, MessageId>();
  for (const message of messages) newestChild.set(message.parent_id, message.id);
  const seen = new Set<MessageId>();
  let leaf = start;
  for (let next = newestChild.get(leaf); next !== undefined && !seen.has(next); next = newestChild.get(leaf)) {
    seen.add(next);
    leaf = next;
  }
  return leaf;
}

/** The path that a session shows: to its head, or to the newest end when the head is unknown here. */
export function shownPath(messages: Message[], head: MessageId | null): Message[] {
  const known = head !== null && messages.some((message) => message.id === head);
  return pathTo(messages, known ? head : newestLeaf(messages, null));
}

export type MessageVersions = MessageId[];

/** The versions of `message`, itself included, oldest first. Attempts that brought no word are not versions; a question of files only is. */
export function versions(messages: Message[], message: Message): MessageVersions {
  const said = (other: Message) => other.content.trim() !== "" || other.attachments.length > 0;
  return messages
    .filter((other) => other.id === message.id || (other.parent_id === message.parent_id && other.role === message.role && said(other)))
    .map((other) => other.id);
}

export const isGrowing = (messages: Message[]): boolean => messages.some((message) => message.status === "streaming");

export function withMessage(messages: Message[] | undefined, message: Message): Message[] {
  const list = messages ?? [];
  return list.some((other) => other.id === message.id)
    ? list.map((other) => (other.id === message.id ? message : other))
    : [...list, message];
}

/** The files that a model is sent with `question`: its own, and those of what was said before it. */
export function sentUpTo(path: Message[], question: Message): { message: MessageId; file: Attachment }[] {
  const end = path.findIndex((one) => one.id === question.id);
  return path
    .slice(0, end + 1)
    .flatMap(({ id, attachments }) => attachments.filter((file) => !file.left_out).map((file) => ({ message: id, file })));
}
