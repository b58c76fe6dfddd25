import type { FindOrder, MessageId, Role, SessionId } from "@/bindings";
import { keyedStore } from "@/lib/store";
import { anyTime, type Span } from "@/lib/time-span";

/** What is being looked for; kept as long as the window lives, so that one comes back to what was found. */
export type Finding = Span & {
  text: string;
  order: Exclude<FindOrder, "oldest">;
  role: Role | null;
  session: SessionId | null;
  /** How many are shown at most. */
  limit: number;
  /** The hit that the keys have reached. */
  at: MessageId | null;
};

export const page = 40;
const fresh: Finding = { text: "", order: "newest", role: null, session: null, ...anyTime, limit: page, at: null };

const kept = keyedStore<"finding", Finding>();

export const useFinding = (): Finding => kept.use("finding") ?? fresh;

/** Anything else than a change of the place or the limit begins at the top again. */
export function writeFind(part: Partial<Finding>): void {
  const again = !("at" in part || "limit" in part);
  kept.set("finding", { ...(kept.get("finding") ?? fresh), ...(again ? { limit: page, at: null } : {}), ...part });
}

export const filtered = ({ role, session, time }: Finding): boolean => role !== null || session !== null || time !== "any";
export const noFilters: Partial<Finding> = { role: null, session: null, ...anyTime };
