import type { Audience, MemoryId, MemoryKind, MemoryQuery, PersonId } from "@/bindings";
import { allMemories } from "@/lib/memory";
import { keyedStore } from "@/lib/store";
import { anyTime, endOf, type Span, spanOf } from "@/lib/time-span";

/** What is open beside the list. */
export type Open = { type: "memory"; id: MemoryId } | { type: "person"; id: PersonId };

/** What is being looked through; kept as long as the window lives, so that one comes back to it. */
export type Looking = Span & {
  tab: MemoryKind | "all";
  view: "list" | "time";
  text: string;
  person: PersonId | null;
  contradicted: boolean;
  ended: boolean;
  /** A day as date fields have it; empty: today. */
  asOf: string;
  /** How many are shown at most. */
  limit: number;
  open: Open | null;
};

export const page = 60;
const fresh: Looking = {
  tab: "semantic",
  view: "list",
  text: "",
  person: null,
  ...anyTime,
  contradicted: false,
  ended: false,
  asOf: "",
  limit: page,
  open: null,
};

const kept = keyedStore<"looking", Looking>();

export const useLooking = (): Looking => kept.use("looking") ?? fresh;

/** Anything else than what is open or how many are shown begins at the top again. */
export function look(part: Partial<Looking>): void {
  const again = !("open" in part || "limit" in part);
  kept.set("looking", { ...(kept.get("looking") ?? fresh), ...(again ? { limit: page } : {}), ...part });
}

export const noFilters: Partial<Looking> = { text: "", person: null, ...anyTime, contradicted: false, ended: false };

export const filtered = ({ text, person, time, contradicted, ended }: Looking): boolean =>
  text.trim() !== "" || person !== null || time !== "any" || contradicted || ended;

export function queryOf(looking: Looking, audience: Audience, now: Date): MemoryQuery {
  const { tab, text, person, contradicted, ended, asOf, limit } = looking;
  return {
    ...allMemories,
    kind: tab === "all" ? null : tab,
    person,
    audience,
    as_of: endOf(asOf),
    ended,
    contradicted,
    text: text.trim(),
    ...spanOf(looking, now),
    limit,
  };
}
