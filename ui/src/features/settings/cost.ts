import type { Spend } from "@/bindings";
import { formatDollars } from "@/lib/format";
import { words } from "@/lib/words";

/** Whether some prices are unknown, and the sum of the others is worth telling: next to nothing tells nothing of the rest. */
export const isLowerBound = ({ dollars, unpriced }: Spend): boolean => dollars !== null && dollars >= smallest && unpriced > 0;
const smallest = 0.0001;

/** What is known of the cost, and no more: an unknown price is not nothing, and a sum without it is a lower bound. */
export function costInWords(spend: Spend): string {
  const { dollars, unpriced } = spend;
  if (dollars === null || (unpriced > 0 && !isLowerBound(spend))) return words.usage.unknown;
  if (unpriced > 0) return words.usage.atLeast(formatDollars(dollars));
  return dollars === 0 ? words.usage.free : formatDollars(dollars);
}
