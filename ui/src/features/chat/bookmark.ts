import type { MessageId, SessionId } from "@/bindings";
import { isTemporary } from "@/lib/drafts";
import { remember } from "@/lib/remember";

/** Where one left a conversation: so many pixels below the upper edge (or above it) began that message. */
export type Bookmark = { message: MessageId; top: number };

const name = "twin.bookmarks";
const most = 200;

type Bookmarks = Record<SessionId, Bookmark>;

function read(): Bookmarks {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "{}") as Bookmarks;
  } catch {
    return {};
  }
}

export const readBookmark = (session: SessionId): Bookmark | null => read()[session] ?? null;

/** Null: at the end, which is where every conversation opens. The one written last is the last to be forgotten. */
export function writeBookmark(session: SessionId, bookmark: Bookmark | null): void {
  if (isTemporary(session)) return;
  const { [session]: _, ...others } = read();
  const all = Object.entries(bookmark ? { ...others, [session]: bookmark } : others).slice(-most);
  remember(name, JSON.stringify(Object.fromEntries(all)));
}
