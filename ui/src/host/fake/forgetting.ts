import type { Evidence, ForgetReach, ForgetScope, Memory, Receipt, Unsent } from "@/bindings";
import type { World } from "./commands";
import { type Command, fail, notify } from "./common";
import { lineOf, memoryChanged } from "./memory";
import { nothing } from "./memory-sample";

type Reached = { memories: Set<Memory>; messages: Set<string>; sessions: Set<string>; people: Set<string> };

/** What rests on nothing else than what goes. */
const alone = (world: World, gone: (evidence: Evidence) => boolean): Memory[] =>
  world.memory.memories.filter(({ sources }) => sources.every(gone));

function reached(world: World, scope: ForgetScope): Reached {
  const of = (memories: Memory[], part: Partial<Record<"messages" | "sessions" | "people", string[]>> = {}): Reached => ({
    memories: new Set(memories),
    messages: new Set(part.messages),
    sessions: new Set(part.sessions),
    people: new Set(part.people),
  });
  const inSession = (evidence: Evidence, ids: string[]) => "session_id" in evidence && ids.includes(evidence.session_id);
  const fromMessage = (evidence: Evidence, ids: string[]) => evidence.type === "message" && ids.includes(evidence.message_id);
  switch (scope.type) {
    case "memory": {
      const line = lineOf(world, scope.id);
      return of(scope.history ? line : line.filter(({ id }) => id === scope.id));
    }
    case "person": {
      const ids = world.memory.people.filter(({ id, merged_into }) => id === scope.id || merged_into === scope.id).map(({ id }) => id);
      return of(
        world.memory.memories.filter(({ people }) => people.some((id) => ids.includes(id))),
        { people: ids },
      );
    }
    case "session": {
      const messages = world.messages.filter(({ session_id }) => session_id === scope.id).map(({ id }) => id);
      return of(
        alone(world, (evidence) => inSession(evidence, [scope.id])),
        { messages, sessions: [scope.id] },
      );
    }
    case "message": {
      const messages = [scope.id];
      for (const { id, parent_id } of world.messages) if (parent_id && messages.includes(parent_id)) messages.push(id);
      return of(
        alone(world, (evidence) => fromMessage(evidence, messages)),
        { messages },
      );
    }
    case "file":
      return of(alone(world, (evidence) => evidence.type === "file" && evidence.path === scope.path));
    case "span": {
      if (scope.from >= scope.before) throw fail("invalid_input", "the time ends before it begins", "change one of the two days");
      const during = (at: string) => at >= scope.from && at < scope.before;
      const messages = world.messages.filter(({ created_at }) => during(created_at)).map(({ id }) => id);
      return of(
        world.memory.memories.filter(({ learned_at }) => during(learned_at)),
        { messages },
      );
    }
  }
}

function reachOf(world: World, { memories, messages, sessions, people }: Reached): ForgetReach {
  const isSummary = ({ sources }: Memory) => sources.some(({ type }) => type === "session");
  const summaries = [...memories].filter(isSummary).length;
  const reports =
    [...messages].filter((id) => world.reports.has(id)).length +
    [...memories].reduce((sum, { id }) => sum + (world.memory.uses.get(id)?.used ?? 0), 0);
  return {
    ...nothing,
    sessions: sessions.size,
    messages: messages.size,
    memories: memories.size - summaries,
    summaries,
    people: people.size,
    vectors: memories.size + messages.size,
    reports,
    records: memories.size + messages.size + people.size + reports,
  };
}

function forget(world: World, scope: ForgetScope): Receipt {
  const gone = reached(world, scope);
  const receipt: Receipt = {
    id: crypto.randomUUID(),
    at: new Date().toISOString(),
    scope: scope.type,
    reach: reachOf(world, gone),
  };
  const { memory } = world;
  memory.memories = memory.memories.filter((one) => !gone.memories.has(one));
  memory.people = memory.people.filter(({ id }) => !gone.people.has(id));
  world.messages = world.messages.filter(({ id }) => !gone.messages.has(id));
  world.sessions = world.sessions.filter(({ id }) => !gone.sessions.has(id));
  memory.receipts.unshift(receipt);
  memoryChanged();
  notify({ type: "sessions_changed" }, "sessions", "messages");
  return receipt;
}

/** Any five words in a row. */
function quotes(draft: string, said: string): boolean {
  const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const [all, there] = [wordsOf(said), ` ${wordsOf(draft).join(" ")} `];
  return all.some((_, start) => start + 5 <= all.length && there.includes(` ${all.slice(start, start + 5).join(" ")} `));
}

function quoting(world: World, scope: ForgetScope, drafts: Unsent[]): number[] {
  const gone = reached(world, scope);
  const said = world.messages.filter(({ id }) => gone.messages.has(id)).map(({ content }) => content);
  const texts = [...said, ...[...gone.memories].map(({ text }) => text)];
  return drafts.flatMap(({ text, edits }, place) =>
    (edits && gone.messages.has(edits)) || texts.some((one) => quotes(text, one)) ? [place] : [],
  );
}

export const forgetCommands: Record<string, Command> = {
  forget_plan: (world, { scope }: { scope: ForgetScope }) => reachOf(world, reached(world, scope)),
  forget_drafts: (world, { scope, drafts }: { scope: ForgetScope; drafts: Unsent[] }) => quoting(world, scope, drafts),
  forget: (world, { scope }: { scope: ForgetScope }) => forget(world, scope),
  forget_receipts: (world) => world.memory.receipts,
};
