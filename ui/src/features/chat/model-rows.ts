import type { Catalogue, ModelEntry, ModelRef, OpenaiServer, Route, Settings } from "@/bindings";
import { formatCount } from "@/lib/format";
import { entryOf, modelKey, modelName, sameModel, typedModel } from "@/lib/model";
import { words } from "@/lib/words";

/** One line of the picker. `model` is what choosing it gives: for a model with several routes, the one that was used or allowed. */
export type Row =
  | { kind: "model"; group: string; entry: ModelEntry; model: ModelRef }
  | { kind: "typed"; group: string; model: ModelRef; who: string };

const mostRecent = 5;

export const rowKey = (row: Row): string => `${row.kind} ${modelKey(row.model)}`;

function groupOf({ provider, server }: ModelRef, servers: OpenaiServer[]): string {
  if (provider === "offline") return words.picker.offline;
  return provider === "bedrock" ? words.picker.bedrock : (server ?? servers[0]?.name ?? words.provider.openai);
}

/** A model that no list has (any more) is still one that was chosen before. */
const unlisted = (model: ModelRef): ModelEntry => ({
  model,
  name: modelName(model),
  vendor: "",
  routes: [],
  legacy: false,
  streams: null,
  images: null,
  context_tokens: null,
  typed: false,
  lessons: {},
});

type Wanted = { catalogue: Catalogue; settings: Settings; current: ModelRef | null; query: string };

/** What the picker lists: without words the recent ones first and then everyone under their provider; with words the best fit first. */
export function rowsFor({ catalogue, settings, current, query }: Wanted): Row[] {
  const servers = settings.openai.servers;
  const of = (entry: ModelEntry, model: ModelRef, group: string): Row => ({ kind: "model", entry, model, group });
  // The model that answers now keeps its route, wherever its entry stands.
  const now = current && (entryOf(catalogue, current) ?? unlisted(current));
  const routed = (entry: ModelEntry, otherwise: ModelRef) => (current && entry === now ? current : otherwise);
  const entries = now && !catalogue.entries.includes(now) ? [now, ...catalogue.entries] : catalogue.entries;
  const everyone = entries.map((entry) => of(entry, routed(entry, entry.model), groupOf(entry.model, servers)));
  const text = query.trim();
  if (!text) {
    const seen = new Map<ModelEntry, Row>();
    for (const model of settings.models_recent) {
      const isNow = current && sameModel(model, current);
      const entry = (isNow ? now : entryOf(catalogue, model)) ?? unlisted(model);
      if (seen.size < mostRecent && !seen.has(entry)) seen.set(entry, of(entry, routed(entry, model), words.picker.recent));
    }
    return [...seen.values(), ...everyone.filter((row) => row.kind === "model" && !seen.has(row.entry))];
  }
  const terms = text.toLowerCase().split(/\s+/);
  const ranked = everyone.flatMap((row) => {
    const rank = row.kind === "model" ? rankOf(row.entry, row.group, terms) : null;
    return rank === null ? [] : [{ row, rank }];
  });
  ranked.sort((a, b) => a.rank - b.rank);
  const found = gather(ranked.map(({ row }) => row));
  const model = typedModel(text, servers);
  const isNew = model && !entryOf(catalogue, model) && (found.length === 0 || /[.:/]/.test(text));
  if (isNew) found.push({ kind: "typed", group: "", model, who: groupOf(model, servers) });
  return found;
}

/** The embedded one has no name of a provider's. */
export const nameOf = (entry: ModelEntry): string => entry.name || modelName(entry.model);

/** 0: the name begins so; 1: a word of it does; 2: it is somewhere in name, maker or id. Null: it does not fit. */
function rankOf(entry: ModelEntry, group: string, terms: string[]): number | null {
  const name = nameOf(entry).toLowerCase();
  const all = [name, entry.vendor, entry.model.id, group, ...entry.routes.map((route) => route.id)].join(" ").toLowerCase();
  if (!terms.every((term) => all.includes(term))) return null;
  const first = terms[0] ?? "";
  return name.startsWith(first) ? 0 : name.split(/[\s/:_-]+/).some((word) => word.startsWith(first)) ? 1 : 2;
}

/** Rows of one group together, the groups in the order of their first rows. */
function gather(rows: Row[]): Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return [...groups.values()].flat();
}

const loopback = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Where what is said may go, in words; nothing where nobody says. */
export function placeOf(model: ModelRef, entry: ModelEntry, servers: OpenaiServer[]): string | null {
  if (model.provider === "offline") return words.picker.thisMachine;
  if (model.provider === "openai") {
    const server = model.server ? servers.find((one) => one.name === model.server) : servers[0];
    if (!server || !URL.canParse(server.base_url)) return null;
    const { hostname } = new URL(server.base_url);
    return loopback.test(hostname) ? words.picker.thisMachine : words.picker.sentTo(hostname);
  }
  const route = entry.routes.find((one) => one.id === model.id);
  return route ? routePlace(route, 2) : null;
}

/** `most`: how many regions are named where there is little room. */
export function routePlace({ reach, area, regions }: Route, most = Number.POSITIVE_INFINITY): string {
  if (reach === "region") return words.picker.stays(area);
  if (reach === "global") return words.picker.worldwide;
  return regions.length > 0 ? words.picker.among(regions, most) : words.picker.within(area);
}

export type Ability = "images" | "reasons" | "caches";

/** What a model is known to do. */
export function abilitiesOf({ images, lessons }: ModelEntry): Ability[] {
  const known: Record<Ability, boolean | null | undefined> = {
    images: images && !lessons.refused?.includes("images"),
    reasons: lessons.reasons,
    caches: lessons.caches,
  };
  return (Object.keys(known) as Ability[]).filter((ability) => known[ability]);
}

/** What a model is known not to do; nothing is said of what nobody knows. */
export function limitsOf({ images, context_tokens: context, lessons }: ModelEntry): string[] {
  const refused = lessons.refused ?? [];
  const limits: [boolean, string][] = [
    [images === false || refused.includes("images"), words.picker.noImages],
    [refused.includes("documents"), words.picker.noDocuments],
    [refused.includes("tools"), words.picker.noTools],
    [refused.includes("streaming"), words.picker.noStreaming],
    [context !== null, words.picker.context(formatCount(context ?? 0))],
  ];
  return limits.flatMap(([known, text]) => (known ? [text] : []));
}
