import type { Spend } from "@/bindings";
import { formatDollars } from "@/lib/format";
import { words } from "@/lib/words";

const locale = "en-GB";
const monthAndYear = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric" });
const wholeDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });

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

/** `2026-11-03` as 3 November 2026. */
export const formatDay = (day: string): string => (Number.isNaN(Date.parse(day)) ? day : wholeDay.format(new Date(`${day}T12:00`)));

/** `2026-11` as November 2026. */
export function formatMonth(month: string): string {
  const [year, number] = month.split("-").map(Number);
  return year && number ? monthAndYear.format(new Date(year, number - 1, 1)) : month;
}
