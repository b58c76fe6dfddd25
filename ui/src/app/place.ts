import type { Audience, MessageId, SessionId } from "@/bindings";

/** Where in the window the person is. A session belongs to one audience for its whole life, so changing the audience leaves it. */
export type Place = {
  screen: "chat" | "persona" | "settings";
  audience: Audience;
  session: SessionId | null;
  /** A message to scroll to; `nonce` makes asking twice two requests. */
  target: { message: MessageId; nonce: number } | null;
  /** A persona file to open, and the line in it. */
  file: { path: string; line: number | null; nonce: number } | null;
  nonce: number;
};

export type Move =
  | { to: "new-chat" }
  | { to: "chat"; session: SessionId; audience?: Audience; message?: MessageId }
  /** A new chat became a session. */
  | { to: "started"; session: SessionId; audience: Audience }
  | { to: "chat-section" }
  | { to: "audience"; audience: Audience }
  | { to: "persona"; path?: string; line?: number }
  | { to: "settings" };

export function move(place: Place, { ...next }: Move): Place {
  const nonce = place.nonce + 1;
  const chat = { ...place, nonce, screen: "chat" as const, target: null };
  switch (next.to) {
    case "new-chat":
      return { ...chat, session: null };
    case "chat":
      return {
        ...chat,
        session: next.session,
        audience: next.audience ?? place.audience,
        target: next.message ? { message: next.message, nonce } : null,
      };
    case "started": {
      // Only for one who still looks at that new chat: nobody is pulled out of what they have turned to meanwhile.
      const waits = place.screen === "chat" && place.session === null && place.audience === next.audience;
      return waits ? { ...chat, session: next.session } : place;
    }
    case "chat-section":
      return chat;
    case "audience":
      return { ...chat, audience: next.audience, session: null };
    case "persona":
      return { ...place, nonce, screen: "persona", file: next.path ? { path: next.path, line: next.line ?? null, nonce } : null };
    case "settings":
      return { ...place, nonce, screen: "settings" };
  }
}
