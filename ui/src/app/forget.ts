import { useEffect } from "react";
import { type Audience, commands } from "@/bindings";
import { forget, writtenDrafts } from "@/lib/drafts";

const audiences: Audience[] = ["owner", "visitor"];

/** Once at the start: what waited in chats that are no longer there goes as well. */
export function useForgetting(): void {
  useEffect(() => {
    // Read before the lists are: what is begun meanwhile, in the other window too, stays.
    const written = writtenDrafts();
    if (written.length === 0) return;
    Promise.all(audiences.map((audience) => commands.sessionList(audience)))
      .then((lists) => {
        const there = new Set(lists.flat().map(({ id }) => id));
        forget(written.filter(({ session }) => !there.has(session)));
      })
      // Without the lists nobody knows what is gone; the list itself tells of the failure.
      .catch(() => {});
  }, []);
}
