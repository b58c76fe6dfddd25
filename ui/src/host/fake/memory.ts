import type {
  Audience,
  Evidence,
  EvidenceView,
  Memory,
  MemoryDetail,
  MemoryId,
  MemoryKind,
  MemoryNotice,
  MemoryPage,
  MemoryQuery,
  MemoryRow,
  MemoryStats,
  MemoryVersion,
  Message,
  Person,
  PersonId,
  SessionId,
} from "@/bindings";
import { fold } from "@/lib/fuzzy";
import type { World } from "./commands";
import { type Command, fail, notify } from "./common";

export const memoryChanged = () => notify({ type: "memory_changed" }, "memory");

const byOf = ({ ending }: Memory): MemoryId | null =>
  ending === null || ending.type === "retracted" ? null : ending.type === "merged" ? ending.into : ending.by;

/** As it stands: what something undone had ended holds. */
export function standing(world: World): Memory[] {
  const { memories, undone } = world.memory;
  const there = memories.filter(({ id }) => !undone.has(id));
  return there.map((memory) => {
    const by = byOf(memory);
    const contradicts = memory.contradicts.filter((id) => there.some((other) => other.id === id && other.ended_at === null));
    return by !== null && undone.has(by) ? { ...memory, ended_at: null, ending: null, contradicts } : { ...memory, contradicts };
  });
}

/** As it was known then; null: it was not. */
function asOf(memory: Memory, at: string | null): Memory | null {
  if (at === null) return memory;
  if (memory.learned_at > at) return null;
  return memory.ended_at !== null && memory.ended_at > at ? { ...memory, ended_at: null, ending: null } : memory;
}

export const found = (world: World, id: MemoryId): Memory => {
  const memory = world.memory.memories.find((one) => one.id === id);
  if (!memory) throw fail("not_found", "this memory does not exist", "look at the list again");
  return memory;
};

const commonPerson = (world: World, id: PersonId): Person | undefined => {
  const person = world.memory.people.find((one) => one.id === id);
  return person?.merged_into ? commonPerson(world, person.merged_into) : person;
};

const peopleOf = (world: World, memory: Memory): Person[] => [
  ...new Set(memory.people.map((id) => commonPerson(world, id)).filter((person) => person !== undefined)),
];

function viewOf(world: World, evidence: Evidence): EvidenceView {
  const none = { evidence, title: "", excerpt: "", at: null, imported: false };
  if (evidence.type === "typed") return { ...none, at: evidence.at };
  if (evidence.type === "file") {
    const file = world.files.find(({ path }) => path === evidence.path);
    return file ? { ...none, title: evidence.path, excerpt: file.text.split("\n")[evidence.line - 1]?.trim() ?? "" } : none;
  }
  const session = world.sessions.find(({ id }) => id === evidence.session_id && !world.deleted.has(id));
  const message = world.messages.find(({ id }) => id === (evidence.type === "message" ? evidence.message_id : evidence.through));
  if (!session || !message) return none;
  const excerpt = evidence.type === "message" ? message.content.slice(0, 120) : "";
  return { ...none, title: session.title, excerpt, at: message.created_at, imported: message.imported !== null };
}

const versionOf = (world: World, memory: Memory): MemoryVersion => ({
  memory,
  sources: memory.sources.map((evidence) => viewOf(world, evidence)),
});

function historyOf(all: Memory[], memory: Memory): Memory[] {
  const related = new Set([memory.id]);
  for (let before = 0; before < related.size; ) {
    before = related.size;
    for (const one of all) {
      const by = byOf(one);
      if (by !== null && (related.has(by) || related.has(one.id))) related.add(by).add(one.id);
    }
  }
  return all.filter(({ id }) => related.has(id)).sort((a, b) => b.learned_at.localeCompare(a.learned_at));
}

/** The memory itself first, then those that it came from. */
export const lineOf = (world: World, id: MemoryId): Memory[] => historyOf(world.memory.memories, found(world, id));

function rowOf(world: World, all: Memory[], memory: Memory): MemoryRow {
  const before = all.filter((one) => one.ending?.type === "superseded" && one.ending.by === memory.id).at(-1);
  return { memory, before: before?.text ?? null, people: peopleOf(world, memory) };
}

function list(world: World, query: MemoryQuery): MemoryPage {
  const all = standing(world).flatMap((memory) => asOf(memory, query.as_of) ?? []);
  const terms = fold(query.text).split(/\s+/).filter(Boolean);
  const fitting = all.filter(
    (memory) =>
      (query.kind === null || memory.kind === query.kind) &&
      (query.person === null || peopleOf(world, memory).some(({ id }) => id === query.person)) &&
      (query.audience === "owner" || memory.audience === "visitor") &&
      (query.ended || memory.ended_at === null) &&
      (!query.contradicted || memory.contradicts.length > 0) &&
      (query.from === null || memory.learned_at >= query.from) &&
      (query.before === null || memory.learned_at < query.before) &&
      terms.every((term) => fold(memory.text).includes(term)),
  );
  fitting.sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.learned_at.localeCompare(a.learned_at));
  const page = fitting.slice(query.offset, query.offset + query.limit);
  return { memories: page.map((memory) => rowOf(world, all, memory)), total: fitting.length };
}

function detail(world: World, id: MemoryId): MemoryDetail {
  const all = standing(world);
  const memory = all.find((one) => one.id === id);
  if (!memory) throw fail("not_found", "this memory does not exist", "look at the list again");
  return {
    ...versionOf(world, memory),
    history: historyOf(all, memory).map((one) => versionOf(world, one)),
    contradicts: all.filter((one) => memory.contradicts.includes(one.id)),
    people: peopleOf(world, memory),
    ...(world.memory.uses.get(id) ?? { used: 0, used_at: null }),
  };
}

function stats(world: World): MemoryStats {
  const holds = standing(world).filter(({ ended_at }) => ended_at === null);
  const of = (kind: MemoryKind) => holds.filter((memory) => memory.kind === kind).length;
  return {
    episodic: of("episodic"),
    semantic: of("semantic"),
    procedural: of("procedural"),
    social: of("social"),
    people: world.memory.people.filter(({ merged_into }) => merged_into === null).length,
    contradicted: holds.filter(({ contradicts }) => contradicts.length > 0).length,
    messages: world.messages.length,
    embedded: world.settings.embedder.type === "embedded" ? world.messages.length : Math.floor(world.messages.length / 3),
    waiting: world.memory.waiting,
    tokens_month: world.memory.tokens,
  };
}

const now = () => new Date().toISOString();

function add(world: World, part: Pick<Memory, "kind" | "text" | "audience" | "sources"> & Partial<Memory>): Memory {
  const memory: Memory = {
    id: crypto.randomUUID(),
    topic: "",
    people: [],
    teller: "owner",
    valid_from: null,
    valid_until: null,
    learned_at: now(),
    ended_at: null,
    ending: null,
    contradicts: [],
    importance: 3,
    pinned: false,
    ...part,
  };
  world.memory.memories.push(memory);
  return memory;
}

/** As the program does it without any model: "remember that …", "forget that …" in the person's own words. */
export function learnFrom(world: World, message: Message, temporary: boolean): void {
  const [, verb = "", text = ""] = /^(remember|forget) (?:that )?(.+)$/i.exec(message.content) ?? [];
  if (!text || temporary || !world.settings.learn) return;
  if (/forget/i.test(verb)) {
    const one = standing(world).find((memory) => memory.ended_at === null && fold(memory.text).includes(fold(text)));
    if (!one) return;
    Object.assign(found(world, one.id), { ended_at: now(), ending: { type: "retracted" } });
    world.memory.retractedBy.set(one.id, message.id);
  } else {
    const source = { type: "message" as const, session_id: message.session_id, message_id: message.id };
    add(world, { kind: "semantic", text, audience: "owner", sources: [source] });
  }
  memoryChanged();
}

function notices(world: World, session: SessionId): MemoryNotice[] {
  const all = standing(world);
  return world.messages
    .filter((message) => message.session_id === session)
    .map((message): MemoryNotice => {
      const learned = all.filter(({ sources: [first] }) => first?.type === "message" && first.message_id === message.id);
      const ids = new Set(learned.map(({ id }) => id));
      const ended = all.filter(
        (memory) => memory.ended_at !== null && (ids.has(byOf(memory) ?? "") || world.memory.retractedBy.get(memory.id) === message.id),
      );
      return { message_id: message.id, learned, ended };
    })
    .filter(({ learned, ended }) => learned.length + ended.length > 0);
}

const change = (run: (world: World, args: never) => unknown): Command => {
  return (world, args) => {
    const result = run(world, args);
    memoryChanged();
    return result ?? null;
  };
};

export const memoryCommands: Record<string, Command> = {
  memory_list: (world, { query }: { query: MemoryQuery }) => list(world, query),
  memory_get: (world, { id }: { id: MemoryId }) => detail(world, id),
  memory_stats: (world) => stats(world),
  memory_notices: (world, { sessionId }: { sessionId: SessionId }) => notices(world, sessionId),
  memory_add: change((world, { kind, text, audience }: { kind: MemoryKind; text: string; audience: Audience }) =>
    add(world, { kind, text, audience, sources: [{ type: "typed", at: now() }] }),
  ),
  memory_correct: change((world, { id, text, wasWrong }: { id: MemoryId; text: string; wasWrong: boolean }) => {
    const { kind, topic, people, audience, importance, pinned, ...old } = found(world, id);
    const sources = [{ type: "typed" as const, at: now() }];
    const made = add(world, { kind, text, topic, people, audience, importance, pinned, sources });
    if (!wasWrong) made.valid_from = made.learned_at;
    Object.assign(found(world, id), {
      ended_at: made.learned_at,
      ending: { type: wasWrong ? "corrected" : "superseded", by: made.id },
      valid_until: wasWrong ? old.valid_until : (old.valid_until ?? made.learned_at),
    });
    return made;
  }),
  memory_retract: change((world, { id, retracted }: { id: MemoryId; retracted: boolean }) => {
    Object.assign(found(world, id), retracted ? { ended_at: now(), ending: { type: "retracted" } } : { ended_at: null, ending: null });
  }),
  memory_undo: change((world, { id, undone }: { id: MemoryId; undone: boolean }) => {
    if (undone) world.memory.undone.add(found(world, id).id);
    else world.memory.undone.delete(id);
  }),
  memory_pin: change((world, { id, pinned }: { id: MemoryId; pinned: boolean }) => {
    found(world, id).pinned = pinned;
  }),
  memory_share: change((world, { id, audience }: { id: MemoryId; audience: Audience }) => {
    found(world, id).audience = audience;
  }),
  memory_settle: change((world, { keep, others, same }: { keep: MemoryId; others: MemoryId[]; same: boolean }) => {
    const kept = found(world, keep);
    kept.contradicts = kept.contradicts.filter((id) => !others.includes(id));
    for (const id of others) {
      const other = found(world, id);
      if (same) kept.sources = [...kept.sources, ...other.sources];
      other.contradicts = [];
      other.ended_at = now();
      other.ending = same ? { type: "merged", into: keep } : { type: "corrected", by: keep };
    }
  }),
};
