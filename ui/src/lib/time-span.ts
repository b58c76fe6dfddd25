export type Time = "any" | "today" | "week" | "month" | "year" | "own";

/** A choice of time; the own dates as date fields have them: `2026-11-21`, empty: open. */
export type Span = { time: Time; from: string; to: string };

export const anyTime: Span = { time: "any", from: "", to: "" };

/** Where a day of a date field begins in the person's own zone; `plus`: so many days later. Null for what is no day. */
export const dayOf = (date: string, plus = 0): string | null => {
  const [year, month, day] = date.split("-").map(Number);
  return year && month && day ? new Date(year, month - 1, day + plus).toISOString() : null;
};

/** A day as date fields have it, in the person's own zone. */
export const dateOf = (at: Date): string =>
  [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-");

/** The last moment of a day: what was learned on it is known. Null for what is no day. */
export function endOf(date: string): string | null {
  const next = dayOf(date, 1);
  return next && new Date(Date.parse(next) - 1).toISOString();
}

/** From the beginning of a day in the person's own zone; a day that is named as the end is wholly in it. */
export function spanOf({ time, from, to }: Span, now: Date): { from: string | null; before: string | null } {
  const daysAgo = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).toISOString();
  switch (time) {
    case "any":
      return { from: null, before: null };
    case "today":
      return { from: daysAgo(0), before: null };
    case "week":
      return { from: daysAgo(6), before: null };
    case "month":
      return { from: daysAgo(29), before: null };
    case "year":
      return { from: new Date(now.getFullYear(), 0, 1).toISOString(), before: null };
    case "own":
      return { from: dayOf(from), before: dayOf(to, 1) };
  }
}
