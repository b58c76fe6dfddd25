import type { Catalogue, ModelEntry, ModelRef, OpenaiServer } from "@/bindings";
import { words } from "./words";

/** The part of a model id that a person recognises: `eu.anthropic.claude-sonnet-4-5-20250929-v1:0` is `claude-sonnet-4-5`. */
export function modelName(model: ModelRef): string {
  if (model.provider === "offline") return words.provider.offline;
  if (model.provider === "openai") return model.id;
  const last = model.id.split("/").at(-1) ?? model.id;
  return last
    .replace(/^(?:(?:us|eu|apac|jp|au|ca|global|us-gov)\.)?[a-z0-9]+\./i, "")
    .replace(/(?:-v\d+)?(?::\d+(?::\w+)?)?$/, "")
    .replace(/-\d{8}$/, "");
}

/** `name`: as the lists call it, where they are known. */
export function modelLabel(model: ModelRef, name?: string): string {
  if (model.provider === "offline") return words.provider.offlineChip;
  return `${name ?? modelName(model)} · ${model.server ?? words.provider[model.provider]}`;
}

/** As the program writes it: `offline`, `bedrock:ID`, `openai:ID`, `openai@SERVER:ID`. */
export function modelKey({ provider, server, id }: ModelRef): string {
  return provider === "offline" ? "offline" : `${provider}${server ? `@${server}` : ""}:${id}`;
}

export const sameModel = (a: ModelRef, b: ModelRef): boolean => modelKey(a) === modelKey(b);

/** The entry that `model` is, or is one of the routes of. */
export function entryOf(catalogue: Catalogue | undefined, model: ModelRef): ModelEntry | undefined {
  return catalogue?.entries.find(
    (entry) => sameModel(entry.model, model) || (model.provider === "bedrock" && entry.routes.some((route) => route.id === model.id)),
  );
}

/** What a person calls it: as its provider does where the lists are known, else what its id says. */
export const displayName = (catalogue: Catalogue | undefined, model: ModelRef): string =>
  entryOf(catalogue, model)?.name || modelName(model);

const bedrockId = /^(?:(?:us|eu|apac|jp|au|ca|global|us-gov)\.)?[a-z][a-z0-9]*\.[a-z][\w.]*[-:]\S*$/i;

/** An id typed by hand: what it says itself (`openai@work:…`), else Bedrock for what looks like its ids, else the first server. */
export function typedModel(text: string, servers: OpenaiServer[]): ModelRef | null {
  const id = text.trim();
  if (!id || /\s/.test(id)) return null;
  const named = /^(bedrock|openai)(?:@([^:]+))?:(.+)$/.exec(id);
  if (named) {
    const [, provider, server, rest = ""] = named;
    if (provider === "bedrock") return server ? null : { provider: "bedrock", id: rest };
    // The first is meant where none is named.
    const known = server ? servers.find((one) => one.name === server) : servers[0];
    return known ? { provider: "openai", server: known.name, id: rest } : null;
  }
  if (/^arn:/i.test(id) || bedrockId.test(id)) return { provider: "bedrock", id };
  return servers[0] ? { provider: "openai", server: servers[0].name, id } : null;
}
