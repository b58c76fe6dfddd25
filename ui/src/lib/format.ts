import type { Spend } from "@/bindings";
import { tongue, words } from "./words";

/** English dates and numbers as most of the world writes them, Arabic ones with the digits that its sentences have. */
export const locale = tongue === "en" ? "en-GB" : tongue === "ar" ? "ar-u-nu-latn" : tongue;
const whole = new Intl.NumberFormat(locale);
// In Arabic the sign is three letters that run against the line: the dollar of the rest of the world is read everywhere.
const dollarsWith = (digits: number) => {
  const format = new Intl.NumberFormat(tongue === "ar" ? "en-GB" : locale, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return (dollars: number) => (tongue === "ar" ? `\u2066${format.format(dollars)}\u2069` : format.format(dollars));
};
const fewDollars = dollarsWith(4);
const manyDollars = dollarsWith(2);
const oneDigit = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const dayAndTime = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const shortDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const shortDayAndYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const yearOnly = new Intl.DateTimeFormat(locale, { year: "numeric" });
const monthAndShort = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric" });
// What was said only to the month or the year stands at its beginning, which is not to be shown as a day that nobody named.
const utcYear = new Intl.DateTimeFormat(locale, { year: "numeric", timeZone: "UTC" });
const utcMonth = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" });
const timeOnly = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const fullDay = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const wholeDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
const month = new Intl.DateTimeFormat(locale, { month: "long" });
const monthAndYear = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric" });

/** Bytes in the units that file managers show: 640 B, 12 KB, 2.1 MB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return words.units.bytes(whole.format(bytes));
  if (bytes < 999_500) return words.units.kilobytes(whole.format(Math.round(bytes / 1000)));
  return words.units.megabytes(oneDigit.format(bytes / 1_000_000));
}

/** Small sums need their digits, large ones do not: $0.0042, $0.31, $12.40. */
export function formatDollars(dollars: number): string {
  if (dollars > 0 && dollars < 0.0001) return words.units.lessThan(fewDollars(0.0001));
  return (dollars < 0.1 ? fewDollars : manyDollars)(dollars);
}

export function formatSpend({ dollars, unpriced }: Pick<Spend, "dollars" | "unpriced">): string {
  if (dollars === null) return words.spend.none;
  const sum = dollars === 0 ? words.spend.free : formatDollars(dollars);
  return unpriced > 0 ? words.spend.some(sum, unpriced) : sum;
}

const list = new Intl.ListFormat(locale);
/** Names in a row, as the language sets them: a, b and c. */
export const formatList = (names: string[]): string => list.format(names);

export const formatCount = (value: number): string => whole.format(value);

/** Milliseconds as a person reads them: 640 ms, 1.2 s, 2 min 5 s. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return words.units.milliseconds(whole.format(Math.round(ms)));
  // What would be rounded to sixty seconds is a minute.
  if (ms < 59_950) return words.units.seconds(oneDigit.format(ms / 1000));
  const seconds = Math.round(ms / 1000);
  return words.units.minutes(whole.format(Math.floor(seconds / 60)), whole.format(seconds % 60));
}

export const formatDayAndTime = (at: string): string => dayAndTime.format(new Date(at));
export const formatTime = (at: string): string => timeOnly.format(new Date(at));
export const formatFullDay = (at: string): string => fullDay.format(new Date(at));

const ago = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

/** How long ago something was, as roughly as a person asks: now, 5 minutes ago, yesterday. */
export function formatAgo(at: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(at)) / 60_000));
  if (minutes < 1) return ago.format(0, "second");
  if (minutes < 60) return ago.format(-minutes, "minute");
  if (minutes < 24 * 60) return ago.format(-Math.floor(minutes / 60), "hour");
  return ago.format(-daysBetween(new Date(at), new Date(now)), "day");
}

/** 17 Nov, of another year 17 Nov 2025. */
export const formatShortDay = (at: string): string =>
  (new Date(at).getFullYear() === new Date().getFullYear() ? shortDay : shortDayAndYear).format(new Date(at));

/** Since when something is true, as exactly as it is known: 1834, Mar 2026, 17 Nov. */
export function formatMoment(at: string): string {
  const [, , month, day, rest] = /^(-?\d+)-(\d+)-(\d+)(.*)$/.exec(new Date(at).toISOString()) ?? [];
  if (day !== "01" || rest !== "T00:00:00.000Z") return formatShortDay(at);
  return (month === "01" ? utcYear : utcMonth).format(new Date(at));
}

/** A mark on a line of time that is so long: the month of a year or two, else the year. */
export const formatTick = (at: number, length: number): string => (length > 2.5 * 366 * 86_400_000 ? yearOnly : monthAndShort).format(at);

/** `2026-11-03` as 3 November 2026. */
export const formatDay = (day: string): string => (Number.isNaN(Date.parse(day)) ? day : wholeDay.format(new Date(`${day}T12:00`)));

/** `2026-11` as November 2026. */
export function formatMonth(month: string): string {
  const [year, number] = month.split("-").map(Number);
  return year && number ? monthAndYear.format(new Date(year, number - 1, 1)) : month;
}

/** Whole calendar days from `from` to `to`, in the person's own zone. */
export function daysBetween(from: Date, to: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}

/** The heading under which the list shows something of that day: Today, Yesterday, This week, November, November 2025. */
export function dayGroup(at: string, now: Date): string {
  const date = new Date(at);
  const days = daysBetween(date, now);
  if (days <= 0) return words.time.today;
  if (days === 1) return words.time.yesterday;
  if (days < 7) return words.time.thisWeek;
  return (date.getFullYear() === now.getFullYear() ? month : monthAndYear).format(date);
}

/** What stands between two messages of different days; nothing for the same day. */
export function dayGap(earlier: string, later: string): string | null {
  const days = daysBetween(new Date(earlier), new Date(later));
  if (days < 1) return null;
  return days === 1 ? words.time.nextDay : words.time.daysLater(days);
}
