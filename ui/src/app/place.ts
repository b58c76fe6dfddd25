import type { Audience, MemoryId, MessageId, SessionId } from "@/bindings";
import type { Words } from "@/lib/words/en";

/** Where in the window the person is. A session belongs to one audience for its whole life, so changing the audience leaves it. */
export type Place = {
  screen: "chat" | "memory" | "persona" | "settings" | "find";
  audience: Audience;
  session: SessionId | null;
  /** The chat, begun or not, is stored nowhere. */
  temporary: boolean;
  /** A message to scroll to, and what is to be marked in it; `nonce` makes asking twice two requests. */
  target: { message: MessageId; nonce: number; words?: string } | null;
  /** A persona file to open, and the line in it. */
  file: { path: string; line: number | null; nonce: number } | null;
  /** A memory to open. */
  memory: { id: MemoryId; nonce: number } | null;
  /** A section of the settings to open. */
  section: { section: Section; nonce: number } | null;
  /** Where one was before one went to find something. */
  before: Exclude<Place["screen"], "find">;
  nonce: number;
};

export type Section = keyof Words["settings"]["sections"];

export type Move =
  | { to: "new-chat" }
  | { to: "temporary-chat" }
  | { to: "chat"; session: SessionId; audience?: Audience; message?: MessageId; words?: string }
  /** A new chat became a session. */
  | { to: "started"; session: SessionId; audience: Audience; temporary: boolean }
  | { to: "chat-section" }
  | { to: "audience"; audience: Audience }
  | { to: "memory"; id?: MemoryId }
  /** The session that was open is gone for good. */
  | { to: "forgotten" }
  | { to: "persona"; path?: string; line?: number }
  | { to: "settings"; section?: Section }
  | { to: "find" }
  /** Out of finding, back to where one was. */
  | { to: "back" };

export function move(place: Place, { ...next }: Move): Place {
  const nonce = place.nonce + 1;
  const chat = { ...place, nonce, screen: "chat" as const, target: null };
  switch (next.to) {
    case "new-chat":
      return { ...chat, session: null, temporary: false };
    case "temporary-chat":
      return { ...chat, session: null, temporary: true };
    case "chat":
      return {
        ...chat,
        session: next.session,
        temporary: place.temporary && place.session === next.session,
        audience: next.audience ?? place.audience,
        target: next.message ? { message: next.message, nonce, words: next.words } : null,
      };
    case "started": {
      // Only for one who still looks at that new chat: nobody is pulled out of what they have turned to meanwhile. To a temporary one there is no
      // other way back, so that it is taken along to wherever they are.
      const waits = place.session === null && place.audience === next.audience && place.temporary === next.temporary;
      return waits && (place.temporary || place.screen === "chat") ? { ...place, nonce, session: next.session } : place;
    }
    case "chat-section":
      return chat;
    case "audience":
      return { ...chat, audience: next.audience, session: null, temporary: false };
    case "memory":
      return { ...place, nonce, screen: "memory", memory: next.id ? { id: next.id, nonce } : null };
    case "forgotten":
      return { ...place, nonce, session: null, target: null };
    case "persona":
      return { ...place, nonce, screen: "persona", file: next.path ? { path: next.path, line: next.line ?? null, nonce } : null };
    case "settings":
      return { ...place, nonce, screen: "settings", section: next.section ? { section: next.section, nonce } : null };
    case "find":
      return place.screen === "find" ? place : { ...place, nonce, screen: "find", before: place.screen };
    case "back":
      return { ...place, nonce, screen: place.before, target: null };
  }
}

/** Whether with that move a temporary chat is left, and so lost. */
export function givesUp(place: Place, next: Move): boolean {
  const after = move(place, next);
  return place.temporary && !(after.temporary && after.session === place.session);
}
