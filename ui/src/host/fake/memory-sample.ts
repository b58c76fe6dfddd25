import type { Memory, MemoryId, MessageId, Person, Receipt } from "@/bindings";
import { id } from "./sample";

/** What is remembered behind the commands. */
export type FakeMemory = {
  memories: Memory[];
  /** As if never learned; what they had ended holds again. */
  undone: Set<MemoryId>;
  /** Which message took a memory back. */
  retractedBy: Map<MemoryId, MessageId>;
  people: Person[];
  receipts: Receipt[];
  /** How many answers were given it, and when the last. */
  uses: Map<MemoryId, { used: number; used_at: string }>;
  waiting: number;
  tokens: number;
};

export const noMemory = (): FakeMemory => ({
  memories: [],
  undone: new Set(),
  retractedBy: new Map(),
  people: [],
  receipts: [],
  uses: new Map(),
  waiting: 0,
  tokens: 0,
});

/** `more`: so many further facts, as after some years. */
export function sampleMemory(now: Date, more: number): FakeMemory {
  const ago = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
  const said = (session: string, message: string): Memory["sources"][number] => ({
    type: "message",
    session_id: id(session),
    message_id: id(message),
  });
  const file = (path: string, line: number): Memory["sources"][number] => ({ type: "file", path, line });
  const memory = (name: string, text: string, part: Partial<Memory>): Memory => ({
    id: id(name),
    kind: "semantic",
    text,
    topic: "",
    people: [],
    audience: "owner",
    teller: "owner",
    valid_from: null,
    valid_until: null,
    learned_at: ago(3),
    ended_at: null,
    ending: null,
    contradicts: [],
    importance: 3,
    pinned: false,
    sources: [{ type: "typed", at: ago(3) }],
    ...part,
  });
  const person = (name: string, full: string, relation: string, aliases: string[] = []): Person => ({
    id: id(name),
    name: full,
    aliases,
    relation,
    merged_into: null,
    learned_at: ago(40),
  });
  return {
    ...noMemory(),
    people: [
      person("p-fred", "Fred", "friend", ["Freddy"]),
      person("p-babb", "Charles Babbage", "friend", ["Babbage"]),
      person("p-mrb", "Mr B.", ""),
      person("p-some", "Mary Somerville", "tutor"),
    ],
    memories: [
      memory("m-math", "Studied mathematics with Mary Somerville", {
        topic: "studies",
        audience: "visitor",
        valid_from: "1834-01-01T00:00:00Z",
        learned_at: ago(40),
        people: [id("p-some")],
        sources: [file("summary.md", 3)],
      }),
      memory("m-ock", "Lives at Ockham Park", {
        topic: "home",
        valid_from: ago(700),
        valid_until: ago(250),
        learned_at: ago(300),
        ended_at: ago(4),
        ending: { type: "superseded", by: id("m-home") },
        sources: [file("summary.md", 5)],
      }),
      memory("m-home", "Lives at St James’s Square", {
        topic: "home",
        importance: 5,
        valid_from: ago(250),
        learned_at: ago(4),
        sources: [said("love", "u1"), file("facts.json", 5)],
      }),
      memory("m-lett", "When a letter comes, answers it the same evening", {
        kind: "procedural",
        topic: "letters",
        learned_at: ago(150),
        sources: [said("letter", "l1")],
      }),
      memory("m-tea1", "Never takes tea after six", {
        topic: "tea",
        learned_at: ago(20),
        contradicts: [id("m-tea2")],
        sources: [said("mind", "m1")],
      }),
      memory("m-tea2", "Takes tea at nine, always", {
        topic: "tea",
        learned_at: ago(10),
        contradicts: [id("m-tea1")],
        sources: [said("notes", "n1")],
      }),
      memory("m-loom", "Says that the engine weaves algebraic patterns as the loom weaves flowers", {
        topic: "the engine",
        audience: "visitor",
        valid_from: "1843-01-01T00:00:00Z",
        learned_at: ago(39),
        sources: [file("notes/translation.md", 8)],
      }),
      memory("m-box", "Keeps a box of unsent letters in the study", { topic: "letters", learned_at: ago(12) }),
      memory("m-fred", "Fred loves Python and keeps two greyhounds", {
        kind: "social",
        topic: "fred",
        people: [id("p-fred")],
        learned_at: ago(4),
        sources: [said("love", "u1")],
      }),
      memory("m-orga", "Babbage cannot bear organ grinders", {
        kind: "social",
        topic: "noise",
        people: [id("p-babb")],
        learned_at: ago(30),
      }),
      memory("m-mrb", "Mr B. dines on Saturdays", { kind: "social", topic: "dinner", people: [id("p-mrb")], learned_at: ago(25) }),
      memory("m-turi", "Is going to speak in Turin", {
        topic: "travel",
        teller: "visitor",
        audience: "visitor",
        learned_at: ago(0),
        sources: [said("guest", "g1")],
      }),
      memory("m-sum", "Set out how the engine computes the Bernoulli numbers, and how its cards come round again.", {
        kind: "episodic",
        topic: "bernoulli",
        learned_at: ago(1),
        sources: [{ type: "session", session_id: id("notes"), through: id("n4") }],
      }),
      memory("m-harp", "Plays the harp every morning", {
        topic: "music",
        learned_at: ago(60),
        ended_at: ago(2),
        ending: { type: "retracted" },
      }),
      ...Array.from({ length: more }, (_, at) =>
        memory("more", `Fact ${at} on the analytical engine`, { id: `more-${at}`, topic: "the engine", learned_at: ago(41 + at / 8) }),
      ),
    ],
    uses: new Map([[id("m-home"), { used: 6, used_at: ago(1) }]]),
    receipts: [
      {
        id: "01890a5d-0000-7000-8000-000000000001",
        at: ago(9),
        scope: "person",
        reach: { ...nothing, people: 1, memories: 4, vectors: 4, records: 6 },
      },
    ],
    waiting: 2,
    tokens: 18_400,
  };
}

export const nothing: Receipt["reach"] = {
  sessions: 0,
  messages: 0,
  memories: 0,
  summaries: 0,
  people: 0,
  vectors: 0,
  reports: 0,
  files: 0,
  backups: 0,
  records: 0,
};
