import { words } from "@/lib/words";

/** How long is left, as a person says it: 12 minutes, 7 h 40 min, 3 days. */
export function leftInWords(minutes: number): string {
  const whole = Math.max(1, Math.round(minutes));
  if (whole < 60) return words.settings.left.minutes(whole);
  if (whole < 48 * 60) return words.settings.left.hours(Math.floor(whole / 60), whole % 60);
  return words.settings.left.days(Math.round(whole / (24 * 60)));
}
