import type { Message, MessageId, PathMessage, PathPage } from "@/bindings";

/**
 * What the window holds of the branch that a session shows: never all of it. How long it is and its last message are always known;
 * messages are held by their places, which stay good for as long as the last message is the same.
 */
export type Branch = {
  leaf: MessageId | null;
  total: number;
  known: Record<number, PathMessage>;
};

/** Some places of a branch, the last one included. */
export type Range = { first: number; last: number };

/** How many messages are asked for at a time. */
export const page = 50;
/** So many messages on each side of what is looked at are kept; beyond them only the last page. */
const margin = 100;

export const noBranch: Branch = { leaf: null, total: 0, known: {} };

export function branchOf(pages: PathPage[]): Branch {
  const { leaf, total } = pages[0] ?? noBranch;
  return pages.reduce(withPage, { leaf, total, known: {} });
}

export function withPage(branch: Branch, { start, messages }: PathPage): Branch {
  const known = { ...branch.known };
  messages.forEach((message, at) => {
    known[start + at] = message;
  });
  return { ...branch, known };
}

/** Lets go of what is far from `range`. The last page stays: there the conversation goes on. */
export function near(branch: Branch, { first, last }: Range): Branch {
  const kept = Object.entries(branch.known).filter(([key]) => {
    const place = Number(key);
    return (place >= first - margin && place <= last + margin) || place >= branch.total - page;
  });
  return { ...branch, known: Object.fromEntries(kept) };
}

/** Which page to read so that nothing is missing in `range`, nor just beyond it; null: nothing is. */
export function missing({ total, known }: Branch, { first, last }: Range): number | null {
  const ahead = 10;
  const from = Math.max(0, first - ahead);
  const to = Math.min(total - 1, last + ahead);
  let hole = from;
  while (hole <= to && known[hole]) hole += 1;
  if (hole > to) return null;
  if (known[hole - 1]) return hole;
  // Above what is known one reads backwards, as one scrolls.
  let end = hole;
  while (end < to && !known[end + 1]) end += 1;
  return Math.max(0, end - page + 1);
}

export function placeOf({ leaf, total, known }: Branch, message: MessageId | null): number | null {
  if (message === null) return null;
  if (message === leaf) return total - 1;
  for (const place in known) if (known[place]?.message.id === message) return Number(place);
  return null;
}

/**
 * The branch that ends with `message`, which follows its parent; what stood there before is another version now.
 * Unchanged where the parent is not among what is known.
 */
export function endingWith(branch: Branch, message: Message): Branch {
  const before = message.parent_id === null ? -1 : placeOf(branch, message.parent_id);
  if (before === null) return branch;
  const at = before + 1;
  const others = branch.known[at]?.versions ?? [];
  const kept = Object.entries(branch.known).filter(([key]) => Number(key) < at);
  return {
    leaf: message.id,
    total: at + 1,
    known: {
      ...Object.fromEntries(kept),
      // What it cost is known when the page is read again.
      [at]: { message, versions: others.includes(message.id) ? others : [...others, message.id], spend: null },
    },
  };
}

export function withChange(branch: Branch, message: MessageId, change: (message: Message) => Message): Branch {
  const place = placeOf(branch, message);
  const one = place === null ? undefined : branch.known[place];
  if (place === null || !one) return branch;
  return { ...branch, known: { ...branch.known, [place]: { ...one, message: change(one.message) } } };
}

/** Whether its last message is being written, here or elsewhere. */
export const isGrowing = ({ total, known }: Branch): boolean => known[total - 1]?.message.status === "streaming";

type Reply = { parent: MessageId | null; reply: MessageId | null; edits: MessageId | null };

/** Whether the reply that is being written here belongs to the branch that is shown; what is not stored yet belongs to any. */
export const isHere = (branch: Branch, live: Reply): boolean =>
  live.parent === null || branch.leaf === live.reply || placeOf(branch, live.parent) !== null;

/** How many messages stand above a reply that is being written here: it is drawn from the stream, and what it replaces is not drawn. */
export function countAbove(branch: Branch, live: Reply | null): number {
  if (live === null) return branch.total;
  if (live.parent === null) return (live.edits === null ? null : placeOf(branch, live.edits)) ?? branch.total;
  const parent = placeOf(branch, live.parent);
  if (parent !== null) return parent + 1;
  return branch.leaf === live.reply ? branch.total - 1 : branch.total;
}

/** The files that a model is sent with what stands at `place`, as far as they are known: its own, and those of what was said before it. */
export function filesUpTo({ known }: Branch, place: number): number {
  let files = 0;
  for (const at in known) if (Number(at) <= place) files += known[at]?.message.attachments.filter((file) => !file.left_out).length ?? 0;
  return files;
}
