import type { Evidence, ForgetReach, Memory } from "@/bindings";
import { formatList, formatMoment, formatShortDay } from "@/lib/format";
import { words } from "@/lib/words";

const text = words.memory;

const files = (sources: Evidence[]) => sources.flatMap((one) => (one.type === "file" ? one : []));

/** Where it comes from, in a few words: 2 messages and facts.json. */
export function sourcesText({ sources }: Memory): string {
  const messages = sources.filter(({ type }) => type === "message").length;
  const [only] = sources.length === 1 ? files(sources) : [];
  const paths = only ? [text.line(only.path, only.line)] : [...new Set(files(sources).map(({ path }) => path))];
  const has = (type: Evidence["type"]) => sources.some((one) => one.type === type);
  return formatList([
    ...(messages > 0 ? [text.messages(messages)] : []),
    ...paths,
    ...(has("session") ? [text.summary] : []),
    ...(has("typed") ? [text.typed] : []),
  ]);
}

/** When it was true; where nobody knows that, when it was learned. */
export function whenText({ valid_from, valid_until, learned_at, ended_at }: Memory): string {
  const until = valid_until ?? ended_at;
  if (valid_from && until) return text.span(formatMoment(valid_from), formatMoment(until));
  if (until) return text.until(formatMoment(until));
  if (valid_from) return text.since(formatMoment(valid_from));
  return text.learned(formatShortDay(learned_at));
}

/** What forgetting reaches, what a person knows first: nothing of what is zero. */
export const reachTexts = (reach: ForgetReach): string[] =>
  (Object.entries(text.reach) as [keyof typeof text.reach, (value: number) => string][]).flatMap(([name, say]) =>
    (reach[name] ?? 0) > 0 ? [say(reach[name] ?? 0)] : [],
  );
