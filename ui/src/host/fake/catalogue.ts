import type { Catalogue, Lessons, ListProblem, ModelEntry, ModelRef, Route, SessionId, Settings } from "@/bindings";
import { entryOf, modelName, sameModel } from "@/lib/model";
import type { World } from "./commands";
import { type Command, notify, sessionOf } from "./common";

const europe = ["eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"];

const route = {
  region: (id: string): Route => ({ reach: "region", id, area: "eu-central-1", regions: ["eu-central-1"] }),
  geography: (id: string): Route => ({ reach: "geography", id: `eu.${id}`, area: "eu", regions: europe }),
  global: (id: string): Route => ({ reach: "global", id: `global.${id}`, area: "global", regions: [] }),
};

/** An entry of a list, of which only the name is known. */
export function entry(model: ModelRef, name: string, more: Partial<ModelEntry> = {}): ModelEntry {
  return {
    model,
    name,
    vendor: "",
    routes: [],
    legacy: false,
    streams: null,
    images: null,
    context_tokens: null,
    typed: false,
    lessons: {},
    ...more,
  };
}

function bedrock(
  id: string,
  name: string,
  vendor: string,
  reaches: (keyof typeof route)[],
  lessons: Lessons = {},
  more: Partial<ModelEntry> = {},
) {
  const routes = reaches.map((reach) => route[reach](id));
  // The settings allow the geography.
  const chosen = routes.filter(({ reach }) => reach !== "global").at(-1) ?? routes[0];
  return entry({ provider: "bedrock", id: chosen?.id ?? id }, name, { vendor, routes, streams: true, images: true, lessons, ...more });
}

const openai = (id: string, more: Partial<ModelEntry> = {}, server?: string) =>
  entry({ provider: "openai", ...(server && { server }), id }, id, more);

const entries = (): ModelEntry[] => [
  entry({ provider: "offline", id: "" }, ""),
  bedrock("anthropic.claude-3-haiku-20240307-v1:0", "Claude 3 Haiku", "Anthropic", ["region"], {}, { legacy: true }),
  bedrock("anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5", "Anthropic", ["geography", "global"]),
  bedrock("anthropic.claude-opus-4-5-20251101-v1:0", "Claude Opus 4.5", "Anthropic", ["global"], { reasons: true }),
  bedrock("anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5", "Anthropic", ["region", "geography", "global"], {
    caches: true,
    reasons: true,
  }),
  bedrock(
    "meta.llama3-2-3b-instruct-v1:0",
    "Llama 3.2 3B Instruct",
    "Meta",
    ["geography"],
    { refused: ["tools", "documents"] },
    { images: false },
  ),
  bedrock("mistral.mistral-large-2402-v1:0", "Mistral Large (24.02)", "Mistral AI", ["region"], {}, { images: false }),
  bedrock("amazon.nova-lite-v1:0", "Nova Lite", "Amazon", ["region", "geography"]),
  bedrock("amazon.nova-pro-v1:0", "Nova Pro", "Amazon", ["region", "geography"], { caches: true }),
  openai("gemma3:12b", { context_tokens: 131_072 }),
  openai("llama3.2", { images: false, lessons: { refused: ["images", "documents"] } }),
  openai("mistral-small"),
  openai("qwen3:8b", { lessons: { reasons: true } }),
];

const makers = ["aurora", "basalt", "cedar", "delta", "ember", "fjord", "garnet", "harbor", "iris", "juniper"];

const problems: ListProblem[] = [
  {
    provider: "bedrock",
    server: null,
    failure: {
      code: "access_denied",
      message: "the account may not list the models",
      hint: "allow `bedrock:ListFoundationModels`; Settings has a policy to copy",
      retryable: false,
    },
  },
  {
    provider: "openai",
    server: "ollama",
    failure: {
      code: "unreachable",
      message: "127.0.0.1:11434 does not answer",
      hint: "start Ollama, or take the server out of Settings",
      retryable: true,
    },
  },
];

/** `size`: big (a router's two hundred), problems (no list could be had), empty (nothing is set up), anything else: the usual. */
export function sampleCatalogue(size: string | null): Catalogue {
  const offline = entries().slice(0, 1);
  if (size === "empty") return { entries: offline, problems: [] };
  if (size === "problems") return { entries: offline, problems };
  if (size !== "big") return { entries: entries(), problems: [] };
  const many = Array.from({ length: 220 }, (_, at) =>
    openai(`${makers[at % 10]}/${makers[at % 10]}-${8 + at}b-instruct`, {}, "openrouter"),
  );
  return { entries: [...entries(), ...many], problems: problems.slice(1) };
}

/** As the program does it: the newest first, and what no list has is remembered as typed. */
function chosen(world: World, model: ModelRef) {
  const { settings } = world;
  settings.models_recent = [model, ...settings.models_recent.filter((other) => !sameModel(other, model))].slice(0, 8);
  const known = [...settings.models_typed, ...(entryOf(world.catalogue, model) ? [model] : [])];
  if (!known.some((other) => sameModel(other, model))) settings.models_typed.push(model);
  notify({ type: "settings_changed" }, "settings", "models", "credentials");
}

export const catalogueCommands: Record<string, Command> = {
  model_catalogue: (world): Catalogue => {
    const typed = world.settings.models_typed.filter((model) => !entryOf(world.catalogue, model));
    return {
      ...world.catalogue,
      entries: [...world.catalogue.entries, ...typed.map((model) => entry(model, modelName(model), { typed: true }))],
    };
  },
  model_forget_typed: (world, { model }: { model: ModelRef }): Settings => {
    const { settings } = world;
    settings.models_typed = settings.models_typed.filter((other) => !sameModel(other, model));
    settings.models_recent = settings.models_recent.filter((other) => !sameModel(other, model));
    notify({ type: "settings_changed" }, "settings", "models", "credentials");
    return settings;
  },
  session_set_model: (world, { sessionId, model }: { sessionId: SessionId; model: ModelRef | null }) => {
    sessionOf(world, sessionId).model = model;
    if (model) chosen(world, model);
    notify({ type: "sessions_changed" }, "sessions");
    return null;
  },
};
