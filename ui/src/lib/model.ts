import type { ModelRef } from "@/bindings";
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

export function modelLabel(model: ModelRef): string {
  return model.provider === "offline" ? words.provider.offlineChip : `${modelName(model)} · ${words.provider[model.provider]}`;
}
