import type { FindOrder, FindQuery, MessageId, Role, SessionId } from "@/bindings";
import { keyedStore } from "@/lib/store";

export type Time = "any" | "today" | "week" | "month" | "year" | "own";

/** What is being looked for; kept as long as the window lives, so that one comes back to what was found. */
export type Finding = {
  text: string;
  order: Exclude<FindOrder, "oldest">;
  role: Role | null;
  session: SessionId | null;
  time: Time;
  /** The own dates, as date fields have them: `2026-11-21`, empty: open. */
  from: string;
  to: string;
  /** How many are shown at most. */
  limit: number;
  /** The hit that the keys have reached. */
  at: MessageId | null;
};

export const page = 40;
const fresh: Finding = { text: "", order: "newest", role: null, session: null, time: "any", from: "", to: "", limit: page, at: null };

const kept = keyedStore<"finding", Finding>();

export const useFinding = (): Finding => kept.use("finding") ?? fresh;

/** Anything else than a change of the place or the limit begins at the top again. */
export function writeFind(part: Partial<Finding>): void {
  const again = !("at" in part || "limit" in part);
  kept.set("finding", { ...(kept.get("finding") ?? fresh), ...(again ? { limit: page, at: null } : {}), ...part });
}

export const filtered = ({ role, session, time }: Finding): boolean => role !== null || session !== null || time !== "any";
export const noFilters: Partial<Finding> = { role: null, session: null, time: "any", from: "", to: "" };

const dayOf = (date: string, plus = 0): string | null => {
  const [year, month, day] = date.split("-").map(Number);
  return year && month && day ? new Date(year, month - 1, day + plus).toISOString() : null;
};

/** From the beginning of a day in the person's own zone; a day that is named as the end is wholly in it. */
export function spanOf({ time, from, to }: Pick<Finding, "time" | "from" | "to">, now: Date): Pick<FindQuery, "from" | "before"> {
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
