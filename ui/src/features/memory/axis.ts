import type { Memory } from "@/bindings";

/** What the places on a timeline are: when something was true, or when it was learned and given up. */
export type By = "valid" | "learned";
export type Scale = "season" | "year" | "decade" | "all";

const day = 86_400_000;
const lengths: Record<Exclude<Scale, "all">, number> = { season: 90 * day, year: 366 * day, decade: 3653 * day };

export type Stretch = { memory: Memory; from: number; to: number };

/** From when to when a memory reaches; what holds reaches to `now`. */
export function stretchOf(memory: Memory, by: By, now: number): Stretch {
  const { valid_from, valid_until, learned_at, ended_at } = memory;
  const from = Date.parse(by === "valid" && valid_from ? valid_from : learned_at);
  const end = by === "valid" ? (valid_until ?? ended_at) : ended_at;
  return { memory, from, to: Math.max(from, end ? Date.parse(end) : now) };
}

export type Axis = { from: number; to: number };

export function axisOf(stretches: Stretch[], scale: Scale, now: number): Axis {
  const last = Math.max(now, ...stretches.map(({ to }) => to));
  if (scale !== "all") return { from: now - lengths[scale], to: now };
  const first = Math.min(now - day, ...stretches.map(({ from }) => from));
  return { from: first, to: last };
}

/** In percent of the axis, from its beginning. */
export const placeOf = ({ from, to }: Axis, at: number): number => (Math.min(to, Math.max(from, at)) - from) / ((to - from) / 100);

const months = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200];

/** The beginnings of months or years, six at most, so that their names have room. */
export function ticksOf({ from, to }: Axis): number[] {
  const first = new Date(from);
  const span = (to - from) / (30.44 * day);
  const step = months.find((one) => span / one <= 6) ?? 2400;
  // Counted from year 0, so that steps of years begin at years that divide by them.
  const start = Math.ceil((first.getFullYear() * 12 + first.getMonth() + 1) / step) * step;
  const ticks: number[] = [];
  for (let month = start; ; month += step) {
    const at = new Date(0, month % 12, 1).setFullYear(Math.floor(month / 12));
    if (at > to) return ticks;
    ticks.push(at);
  }
}

/** What lies on the axis, by topic; the topic with the newest first. What has no topic stands alone. */
export function lanesOf(stretches: Stretch[], { from, to }: Axis): [topic: string, stretches: Stretch[]][] {
  const lanes = new Map<string, Stretch[]>();
  const shown = stretches.filter((one) => one.to >= from && one.from <= to);
  shown.sort((a, b) => b.from - a.from);
  for (const one of shown) {
    const topic = one.memory.topic || one.memory.id;
    lanes.set(topic, [...(lanes.get(topic) ?? []), one]);
  }
  return [...lanes];
}
