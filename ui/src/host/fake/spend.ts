import type { ModelRef, SessionId, Spend, Usage } from "@/bindings";
import type { World } from "./commands";

/** Dollars a million tokens; none where no price is known. */
function price(model: ModelRef | null): { input: number; output: number } | null {
  if (model?.provider !== "bedrock") return { input: 0, output: 0 };
  return /claude/.test(model.id) ? { input: 3, output: 15 } : null;
}

export function spendOf(model: ModelRef | null, usage: Usage): Spend {
  const known = price(model);
  const dollars = known && (known.input * (usage.input + usage.cache_read / 10) + known.output * usage.output) / 1e6;
  return { usage, dollars, answers: 1, unpriced: dollars === null ? 1 : 0 };
}

/** What a session used, every branch of it. */
export function sumOf(world: World, session: SessionId): Spend {
  const total: Spend = { usage: { input: 0, output: 0, cache_read: 0, cache_write: 0 }, dollars: null, answers: 0, unpriced: 0 };
  for (const { session_id, model, usage } of world.messages) {
    if (session_id !== session || !usage) continue;
    const one = spendOf(model, usage);
    for (const kind of Object.keys(total.usage) as (keyof Usage)[]) total.usage[kind] += one.usage[kind];
    if (one.dollars !== null) total.dollars = (total.dollars ?? 0) + one.dollars;
    total.answers += 1;
    total.unpriced += one.unpriced;
  }
  return total;
}
