import { useEffect } from "react";
import { type Audience, commands, type SessionId } from "@/bindings";
import { forget, writtenDrafts } from "@/lib/drafts";

const audiences: Audience[] = ["owner", "visitor"];

/** What waits in chats that are no longer there goes as well. Resolves to the chats that are there. */
export async function clearForgotten(): Promise<Set<SessionId>> {
  // Read before the lists are: what is begun meanwhile, in the other window too, stays.
  const written = writtenDrafts();
  const lists = await Promise.all(audiences.map((audience) => commands.sessionList(audience)));
  const there = new Set(lists.flat().map(({ id }) => id));
  forget(written.filter(({ session }) => !there.has(session)));
  return there;
}

/** Once at the start. */
export function useForgetting(): void {
  useEffect(() => {
    if (writtenDrafts().length === 0) return;
    // Without the lists nobody knows what is gone; the list itself tells of the failure.
    clearForgotten().catch(() => {});
  }, []);
}
