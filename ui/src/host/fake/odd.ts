import type { ContextReport, Message, MessageId, Session } from "@/bindings";
import { plain } from "./common";
import { sampleReport } from "./sample";

const offline = { provider: "offline", id: "" } as const;

const odd = {
  offline: [
    "What’s my name and what do I love?",
    "No language model is connected, so I quote what fits best:\n\n> Hi! My name is Fred and I love Python\n>\n> — you said on 17 November 2026 at 10:02, in “Hi! My name is Fred and I love Python”\n\n> The Analytical Engine has no pretensions whatever to originate anything. It can do whatever we know how to order it to perform.\n>\n> — from documents/notes-on-the-analytical-engine.md, line 88",
  ],
  wide: [
    "Show me something wide.",
    "A line that does not end, in a language with a name:\n\n```typescript\nexport const bernoulli = (n: number): Fraction => range(0, n).map((k) => binomial(n + 1, k).times(bernoulli(k))).reduce(add, zero).negate().over(n + 1);\n```\n\n| Card | Operation | Acting on | Receiving | Change in value | Statement of results | Note |\n|---|---|---|---|---|---|---|\n| 1 | × | V2 × V3 | V4, V5, V6 | V2 = V2, V3 = V3 | = 2n | first operation |\n| 2 | − | V4 − V1 | V4 | V4 = V4, V1 = V1 | = 2n − 1 | second operation |\n\nAnd a word without a seam: Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsverwaltungsratsvorsitzende.\n\n- [x] written\n- [ ] proved\n\n---\n\n#### Last\n\nSee <https://example.org/a/very/long/address/that/does/not/want/to/break/anywhere/at/all?and=goes&on=and&on=and>.",
  ],
  hebrew: [
    "שלום עדה, מה את חושבת על המנוע האנליטי?",
    "המנוע **אורג** תבניות אלגבריות, כשם שהנול אורג פרחים ועלים.\n\n- ראשית, הכרטיסים\n- שנית, `V13`\n\n> אין למנוע כל יומרה ליצור דבר.",
  ],
  stopped: ["Tell me everything about flying.", "I mean to write a book illustrated with plates, and the first of them"],
} as const;

const title = (at: number) =>
  at % 3 === 0
    ? `A title ${at} that goes on for much longer than anybody would think sensible, and then a little further`
    : at % 3 === 1
      ? `Short ${at}`
      : `Titlewithoutasinglespaceinitwhichcannotbebrokenanywhere${at}`;

/** What a design has to survive: two hundred chats, titles without end or seam, wide tables, other scripts, quotes, a stopped answer. */
export function oddConversations(now: Date): { sessions: Session[]; messages: Message[]; reports: Map<MessageId, ContextReport> } {
  const at = (back: number) => new Date(now.getTime() - back * 7_200_000).toISOString();
  const names = Object.keys(odd) as (keyof typeof odd)[];
  const session = (name: string, text: string, back: number, head: string | null): Session => ({
    id: name,
    title: text,
    audience: "owner",
    created_at: at(back),
    updated_at: at(back),
    head,
    ...plain,
  });
  const message = (name: keyof typeof odd, role: Message["role"]): Message => ({
    id: `${name}-${role}`,
    session_id: name,
    parent_id: role === "user" ? null : `${name}-user`,
    role,
    content: odd[name][role === "user" ? 0 : 1],
    parts: [],
    attachments: [],
    created_at: at(1),
    status: name === "stopped" && role === "assistant" ? "stopped" : "complete",
    model: role === "user" ? null : offline,
    instead_of: null,
    usage: null,
    failure: null,
    imported: null,
  });
  const report: ContextReport = {
    ...sampleReport([
      {
        text: "The Analytical Engine has no pretensions whatever to originate anything.",
        score: 0.8,
        source: { kind: "file", path: "documents/notes-on-the-analytical-engine.md", line: 88 },
      },
      { text: "Mathematician, London.", score: null, source: { kind: "file", path: "linkedin.pdf", line: 0 } },
    ]),
    model: offline,
    budget_tokens: 995_904,
    usage: null,
    stop_reason: "end_turn",
    first_token_ms: 4,
    total_ms: 6,
  };
  report.parts = report.parts.map((part) =>
    part.fate === "trimmed" ? { ...part, name: "documents/notes-on-the-analytical-engine.md" } : part,
  );
  return {
    sessions: [
      ...names.map((name, back) => session(name, odd[name][0], back, `${name}-assistant`)),
      ...Array.from({ length: 230 }, (_, back) => session(`odd-${back}`, title(back), back + names.length, null)),
    ],
    messages: names.flatMap((name) => [message(name, "user"), message(name, "assistant")]),
    reports: new Map([["offline-assistant", report]]),
  };
}
