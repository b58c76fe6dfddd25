import type { Notice, Session, SessionId, WireError } from "@/bindings";
import type { World } from "./commands";
import { emit } from "./event";

export type Command = (world: World, args: never) => unknown;

export const fail = (code: WireError["code"], message: string, hint: string): WireError => ({
  code,
  message,
  hint,
  retryable: true,
  id: "01JD3K7Q",
});

export const notify = (event: Notice["event"], ...stale: Notice["stale"]) => void emit("notice", { event, stale } satisfies Notice);

/** What is so of every session at first. */
export const plain = {
  model: null,
  title_by: "opening",
  pinned: false,
  archived: false,
  tags: [],
  forked_from: null,
  temporary: false,
} satisfies Partial<Session>;

export function sessionOf(world: World, id: SessionId): Session {
  const session = world.sessions.find((one) => one.id === id);
  if (!session) throw fail("not_found", "this chat does not exist", "choose another one");
  return session;
}
