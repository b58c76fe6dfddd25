import type { Audience, MessageId, SessionId, Unsent } from "@/bindings";
import { remember } from "./remember";
import { keyedStore } from "./store";

/** What was typed and not sent yet, per session; kept over a restart, but for temporary chats: of those nothing is ever written down. */
export type DraftKey = SessionId | `new:${Audience}` | `temporary:${Audience}` | `edit.${SessionId}.${MessageId}`;

/** A file that waits in a draft; of a text that was pasted, the text. */
export type DraftFile = { name: string; text: string | null };

// The quick window shares this storage with the main one, and must not show what is being written there.
const main = { drafts: "twin.draft.", files: "twin.files." };
const quick = { drafts: "twin.quick.draft.", files: "twin.quick.files." };
const { drafts: prefix, files: filesPrefix } = window.location.hash === "#quick" ? quick : main;

/** Larger texts are not kept: all of what a page may store is a few megabytes. */
const mostText = 200_000;

const temporaries = keyedStore<SessionId, true>();
/** What may not be written down, or cannot be: it lives as long as the window. */
const unwritten = keyedStore<DraftKey, string>();

export const draftKey = (session: SessionId | null, audience: Audience, temporary = false): DraftKey =>
  session ?? (temporary ? `temporary:${audience}` : `new:${audience}`);

/** From now on nothing of this session is written down here. */
export const neverWrite = (session: SessionId): void => temporaries.set(session, true);

/** Of a message that is being changed: the session is part of it, so that it shares what becomes of that one's draft. */
export const editKey = (session: SessionId, message: MessageId): DraftKey => `edit.${session}.${message}`;

const sessionOf = (key: DraftKey): SessionId => /^edit\.([^.]*)\./.exec(key)?.[1] ?? key;

export const isTemporary = (key: DraftKey): boolean => key.startsWith("temporary:") || temporaries.get(sessionOf(key)) !== null;

export function readDraft(key: DraftKey): string {
  return unwritten.get(key) ?? (isTemporary(key) ? null : localStorage.getItem(prefix + key)) ?? "";
}

export function writeDraft(key: DraftKey, text: string): void {
  const written = !isTemporary(key) && remember(prefix + key, text);
  if (written || !text) unwritten.remove(key);
  else unwritten.set(key, text);
}

/** Which files waited in the draft when the window was last there. */
export const readDraftFiles = (key: DraftKey): DraftFile[] => readFiles(filesPrefix + key);

function readFiles(name: string): DraftFile[] {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "[]");
  } catch {
    return [];
  }
}

export function writeDraftFiles(key: DraftKey, files: DraftFile[]): void {
  if (isTemporary(key)) return;
  const kept = files.map(({ name, text }) => ({ name, text: text && text.length <= mostText ? text : null }));
  remember(filesPrefix + key, kept.length ? JSON.stringify(kept) : "");
}

/** What waits in a chat of the quick window goes over to the main one, behind what waits there. Returns whether none of it had to stay. */
export function handOver(session: SessionId): boolean {
  let all = unwritten.get(session) === null;
  for (const name of Object.keys(localStorage)) {
    const key = name.slice(quick.drafts.length);
    if (!name.startsWith(quick.drafts) || sessionOf(key) !== session) continue;
    const there = localStorage.getItem(main.drafts + key);
    // A message that is being changed in both windows: neither may replace the other.
    if (there && key !== session) continue;
    if (remember(main.drafts + key, there ? `${there}\n${readDraft(key)}` : readDraft(key))) writeDraft(key, "");
    else all = false;
  }
  const files = readFiles(quick.files + session);
  if (files.length === 0) return all;
  if (!remember(main.files + session, JSON.stringify([...readFiles(main.files + session), ...files]))) return false;
  remember(quick.files + session, "");
  return all;
}

/** Tells when another window has changed what waits here. Returns the undo. */
export function onHandedOver(key: DraftKey, tell: () => void): () => void {
  const onStorage = (event: StorageEvent) => (event.key === prefix + key || event.key === filesPrefix + key) && tell();
  window.addEventListener("storage", onStorage);
  return () => window.removeEventListener("storage", onStorage);
}

/** Something that was typed and not sent, of either window: where it is written down, or null where only this one holds it. */
export type Typed = { key: DraftKey; name: string | null; file: DraftFile | null; unsent: Unsent };

/** All of it: what waits in chats, messages that are being changed, and texts that were pasted as files. */
export function typed(): Typed[] {
  const held = unwritten.keys().map((key): Typed => ({ key, name: null, file: null, unsent: unsentOf(key, readDraft(key)) }));
  const written = Object.keys(localStorage).flatMap((name): Typed[] => {
    const under = (prefixes: string[]) => prefixes.flatMap((one) => (name.startsWith(one) ? [name.slice(one.length) as DraftKey] : []))[0];
    const draft = under([main.drafts, quick.drafts]);
    if (draft) return [{ key: draft, name, file: null, unsent: unsentOf(draft, localStorage.getItem(name) ?? "") }];
    const tray = under([main.files, quick.files]);
    if (!tray) return [];
    return readFiles(name).flatMap((file) => (file.text ? [{ key: tray, name, file, unsent: { text: file.text, edits: null } }] : []));
  });
  return [...held, ...written];
}

function unsentOf(key: DraftKey, text: string): Unsent {
  const [, edits = null] = /^edit\.[^.]*\.(.*)$/.exec(key) ?? [];
  if (edits === null) return { text, edits };
  try {
    return { text: String(JSON.parse(text).text), edits };
  } catch {
    return { text, edits };
  }
}

const listeners = new Set<(gone: Typed) => void>();

/** Told of what is taken away, for what else this window holds of it. */
export const onTakenAway = (tell: (gone: Typed) => void): void => void listeners.add(tell);

/** Takes it away, wherever it waits. Returns the undo for some of it. */
export function takeAway(gone: Typed[]): (back: Typed[]) => void {
  const before = new Map<string, string>();
  for (const { name } of gone) if (name) before.set(name, localStorage.getItem(name) ?? "");
  for (const one of gone) {
    const { key, name, file } = one;
    if (file && name) {
      const rest = readFiles(name).filter((other) => other.name !== file.name || other.text !== file.text);
      remember(name, rest.length > 0 ? JSON.stringify(rest) : "");
    } else if (name) remember(name, "");
    else unwritten.remove(key);
    for (const tell of listeners) tell(one);
  }
  return (back) => {
    for (const { key, name, unsent } of back) {
      if (name) remember(name, before.get(name) ?? "");
      else unwritten.set(key, unsent.text);
    }
  };
}

type Written = { name: string; session: SessionId };

/** All that is written down for chats that have begun, of both windows. */
export function writtenDrafts(): Written[] {
  const prefixes = [...Object.values(main), ...Object.values(quick)];
  return Object.keys(localStorage).flatMap((name) => {
    const start = prefixes.find((one) => name.startsWith(one));
    const key = start && name.slice(start.length);
    return key && !key.startsWith("new:") ? [{ name, session: sessionOf(key) }] : [];
  });
}

export function forget(written: Written[]): void {
  for (const { name } of written) remember(name, "");
}
