import type { Attachment, AttachmentId, Message, SessionId } from "@/bindings";
import { type DraftKey, editKey, onTakenAway, readDraft, writeDraft } from "@/lib/drafts";
import { keyedStore } from "@/lib/store";

/** A message that is being changed: kept like every draft, over other chats and, but for a temporary chat, a restart. */
export type Edit = { text: string; without: AttachmentId[] };

const edits = keyedStore<DraftKey, Edit>();
onTakenAway(({ key }) => edits.remove(key));

const keyOf = ({ session_id, id }: Message) => editKey(session_id, id);

function read(key: DraftKey): Edit | null {
  try {
    const kept = JSON.parse(readDraft(key) || "null") as Partial<Edit> | null;
    return typeof kept?.text === "string" && Array.isArray(kept.without) ? { text: kept.text, without: kept.without } : null;
  } catch {
    return null;
  }
}

export function useEdit(message: Message): Edit | null {
  const key = keyOf(message);
  const now = edits.use(key);
  return now ?? read(key);
}

export function putEdit(message: Message, edit: Edit): void {
  writeDraft(keyOf(message), JSON.stringify(edit));
  edits.set(keyOf(message), edit);
}

function drop(key: DraftKey): void {
  writeDraft(key, "");
  edits.remove(key);
}

export const dropEdit = (message: Message): void => drop(keyOf(message));

const within = (session: SessionId) => edits.keys().filter((key) => key.startsWith(editKey(session, "")));

export const holdsEdits = (session: SessionId): boolean => within(session).length > 0;

/** All of a session, as when it is given up. */
export function dropEdits(session: SessionId): void {
  for (const key of within(session)) drop(key);
}

export const beginEdit = (message: Message): void => putEdit(message, { text: message.content, without: [] });

/** Files that go along with the new version: those that models are still sent, and that were not taken away. */
export const keptFiles = (message: Message, { without }: Edit): Attachment[] =>
  message.attachments.filter((file) => !file.left_out && !without.includes(file.id));

export const isChanged = (message: Message, edit: Edit): boolean => edit.text.trim() !== message.content.trim() || edit.without.length > 0;
