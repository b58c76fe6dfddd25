import type { FindHit, FindQuery, Found, SnippetPiece } from "@/bindings";
import { fold } from "@/lib/fuzzy";
import { type Span, spansOf, termsOf } from "@/lib/text-highlight";
import type { Command } from "./common";

const around = 60;

/** The text around the first match, on one line, in pieces. */
function snippet(text: string, spans: Span[]): SnippetPiece[] {
  const first = spans[0]?.start ?? 0;
  const from = first <= around ? 0 : text.indexOf(" ", first - around) + 1;
  const to = Math.min(text.length, from + 3 * around);
  const pieces: SnippetPiece[] = [];
  const add = (start: number, end: number, hit: boolean) => {
    const piece = text.slice(start, end).replace(/\s+/g, " ");
    if (piece) pieces.push({ text: piece, hit });
  };
  let at = from;
  if (from > 0) pieces.push({ text: "…", hit: false });
  for (const { start, end } of spans.filter((span) => span.start >= from && span.end <= to)) {
    add(at, start, false);
    add(start, end, true);
    at = end;
  }
  add(at, to, false);
  if (to < text.length) pieces.push({ text: "…", hit: false });
  return pieces;
}

export const findCommands: Record<string, Command> = {
  message_find: (world, { query }: { query: FindQuery }): Found => {
    const terms = termsOf(query.text);
    if (terms.length === 0) return { hits: [], more: false };
    const sessions = new Map(
      world.sessions.filter((one) => one.audience === query.audience && !world.deleted.has(one.id)).map((one) => [one.id, one]),
    );
    const all = world.messages.flatMap((message): { hit: FindHit; count: number }[] => {
      const session = sessions.get(message.session_id);
      if (!session || (query.session && query.session !== session.id)) return [];
      if (query.role && query.role !== message.role) return [];
      if ((query.from && message.created_at < query.from) || (query.before && message.created_at >= query.before)) return [];
      const folded = fold(message.content);
      if (!terms.every((term) => spansOf(folded, [term]).length > 0)) return [];
      const spans = spansOf(message.content, terms);
      const hit: FindHit = {
        session_id: session.id,
        session_title: session.title,
        archived: session.archived,
        message_id: message.id,
        role: message.role,
        created_at: message.created_at,
        snippet: snippet(message.content, spans),
      };
      return [{ hit, count: spans.length }];
    });
    const byTime = (a: { hit: FindHit }, b: { hit: FindHit }) => b.hit.created_at.localeCompare(a.hit.created_at);
    all.sort(byTime);
    if (query.order === "oldest") all.reverse();
    if (query.order === "best") all.sort((a, b) => b.count - a.count);
    return { hits: all.slice(0, query.limit).map(({ hit }) => hit), more: all.length > query.limit };
  },
};
