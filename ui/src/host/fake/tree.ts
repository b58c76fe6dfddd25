import type { Message, MessageId } from "@/bindings";

/** Messages from the first one to `leaf`. */
export function pathTo(messages: Message[], leaf: MessageId | null): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const path: Message[] = [];
  let at = leaf === null ? undefined : byId.get(leaf);
  while (at) {
    path.push(at);
    at = at.parent_id === null ? undefined : byId.get(at.parent_id);
  }
  return path.reverse();
}

/** Where one ends up by always taking the newest branch, from `start` (null: from the beginning). `messages` are oldest first. */
export function newestLeaf(messages: Message[], start: MessageId | null): MessageId | null {
  const newestChild = new Map<MessageId | null, MessageId>();
  for (const message of messages) newestChild.set(message.parent_id, message.id);
  let leaf = start;
  for (let next = newestChild.get(leaf); next !== undefined; next = newestChild.get(leaf)) leaf = next;
  return leaf;
}

/** The path that a session shows: to its head, or to the newest end when the head is not there. */
export function shownPath(messages: Message[], head: MessageId | null): Message[] {
  const known = head !== null && messages.some((message) => message.id === head);
  return pathTo(messages, known ? head : newestLeaf(messages, null));
}

/** The versions of `message`, itself included, oldest first. Attempts that brought no word are not versions; a question of files only is. */
export function versions(messages: Message[], message: Message): MessageId[] {
  const said = (other: Message) => other.content.trim() !== "" || other.attachments.length > 0;
  return messages
    .filter((other) => other.id === message.id || (other.parent_id === message.parent_id && other.role === message.role && said(other)))
    .map((other) => other.id);
}

/** The messages below `message`, itself included. */
export function subtree(messages: Message[], message: MessageId): Set<MessageId> {
  const inside = new Set([message]);
  for (const one of messages) if (one.parent_id !== null && inside.has(one.parent_id)) inside.add(one.id);
  return inside;
}
