import type { Session } from "@/bindings";
import { dayGroup } from "@/lib/format";
import { words } from "@/lib/words";

export type View = "all" | "archived";

/** What the list shows, in its order: what is pinned on top, then by time. */
export function inView(sessions: Session[], view: View, tag: string | null): Session[] {
  const shown = sessions.filter((one) => one.archived === (view === "archived") && (tag === null || one.tags.includes(tag)));
  return view === "archived" ? shown : [...shown.filter((one) => one.pinned), ...shown.filter((one) => !one.pinned)];
}

/** Under their headings. Among the archived ones nothing is pinned to the top: they are looked for by time. */
export function grouped(sessions: Session[], view: View, now: Date): [heading: string, sessions: Session[]][] {
  const groups = new Map<string, Session[]>();
  for (const session of sessions) {
    const heading = session.pinned && view === "all" ? words.sessions.pinned : dayGroup(session.updated_at, now);
    const group = groups.get(heading);
    if (group) group.push(session);
    else groups.set(heading, [session]);
  }
  return [...groups];
}

/** Every tag of these chats with how many have it, in the order of the alphabet. */
export function tagCounts(sessions: Session[]): [tag: string, chats: number][] {
  const counts = new Map<string, number>();
  for (const { tags } of sessions) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
}
