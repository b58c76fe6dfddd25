import type { ModelEntry, ModelRef, OpenaiServer, Reach, Route, Settings } from "@/bindings";
import { sameModel } from "@/lib/model";
import { words } from "@/lib/words";

/** How the program calls the model that is no model; the same word in settings, store and context report. */
export const offlineModel: ModelRef = { provider: "offline", id: "" };

const width: Record<Reach, number> = { region: 0, geography: 1, global: 2 };

/** The widest way to call the model that stays within `reach`; the narrowest there is, if none does. */
export function routeWithin(entry: ModelEntry, reach: Reach): Route | null {
  return entry.routes.findLast((route) => width[route.reach] <= width[reach]) ?? entry.routes[0] ?? null;
}

export const isTooWide = (route: Route, reach: Reach): boolean => width[route.reach] > width[reach];

/** Where a request by that route may be answered, in words. */
export function goesTo({ reach, area, regions }: Route): string {
  if (reach === "global") return words.settings.goesTo.global;
  return reach === "region" ? words.settings.goesTo.region(area) : words.settings.goesTo.geography(area, regions.length);
}

/** Which server answers for a model of one. */
export const serverOf = (servers: OpenaiServer[], model: ModelRef): OpenaiServer | undefined =>
  model.provider !== "openai" ? undefined : model.server ? servers.find(({ name }) => name === model.server) : servers[0];

/** Which server compares meanings, if one does. */
export const embedderServer = ({ embedder, openai }: Settings): OpenaiServer | undefined =>
  embedder.type === "openai" ? serverOf(openai.servers, { provider: "openai", id: embedder.model, server: embedder.server }) : undefined;

/** The reference to a model of that server: the first is named by naming none. */
export const modelOn = (servers: OpenaiServer[], server: string, id: string): ModelRef =>
  servers[0]?.name === server ? { provider: "openai", id } : { provider: "openai", server, id };

/**
 * Another list of servers. What refers to a server keeps meaning the same one when it is renamed or when another becomes the first; what
 * refers to one that is gone is taken out, and a model in use that is gone leaves the offline one: never another server in its place.
 */
export function withServers(settings: Settings, servers: OpenaiServer[], renamed: Record<string, string> = {}): Settings {
  const move = (model: ModelRef): ModelRef | null => {
    if (model.provider !== "openai") return model;
    const name = model.server ?? settings.openai.servers[0]?.name ?? "";
    const now = renamed[name] ?? name;
    return servers.some((server) => server.name === now) ? modelOn(servers, now, model.id) : null;
  };
  const moveAll = (models: ModelRef[]) => models.map(move).filter((model) => model !== null);
  return {
    ...settings,
    openai: { ...settings.openai, servers },
    model: settings.model && (move(settings.model) ?? offlineModel),
    fallback: moveAll(settings.fallback),
    models_recent: moveAll(settings.models_recent),
    models_typed: moveAll(settings.models_typed),
  };
}

/**
 * A server that was taken out is back in its place, with what was taken out with it. What was changed since stays as it is: `before` and
 * `after` are the settings from which it was taken out, and what that left.
 */
export function withRemoved(current: Settings, before: Settings, after: Settings, name: string): Settings {
  const at = before.openai.servers.findIndex((one) => one.name === name);
  const server = before.openai.servers[at];
  const now = current.openai.servers;
  if (!server || now.some((one) => one.name === name)) return current;
  const servers = [...now.slice(0, at), server, ...now.slice(at)];
  const back = withServers(current, servers);
  // Without its server, the program compares meanings itself.
  if (embedderServer(before)?.name === name && before.embedder.type === "openai" && current.embedder.type === "embedded")
    back.embedder = { ...before.embedder, server: servers[0]?.name === name ? null : name };
  // A reference of before means what it meant as long as the same one is first.
  if (servers[0]?.name !== before.openai.servers[0]?.name) return back;
  const kept = <Key extends keyof Settings>(key: Key): Settings[Key] =>
    JSON.stringify(current[key]) === JSON.stringify(after[key]) ? before[key] : back[key];
  return {
    ...back,
    model: kept("model"),
    fallback: kept("fallback"),
    models_recent: kept("models_recent"),
    models_typed: kept("models_typed"),
  };
}

/** The model in use; one that no list has is remembered, so that it can be chosen again. */
export function withModel(settings: Settings, model: ModelRef, isListed: boolean): Settings {
  const known = isListed || model.provider === "offline" || settings.models_typed.some((typed) => sameModel(typed, model));
  return { ...settings, model, models_typed: known ? settings.models_typed : [...settings.models_typed, model] };
}
