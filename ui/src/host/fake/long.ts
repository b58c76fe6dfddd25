import type { Message, Session } from "@/bindings";
import { plain } from "./common";
import { id } from "./sample";

const sentences = [
  "The engine weaves algebraical patterns just as the Jacquard loom weaves flowers and leaves.",
  "It can do whatever we know how to order it to perform.",
  "A new, a vast, and a powerful language is developed for the future use of analysis.",
  "I never am really satisfied that I understand anything; because, understand it well as I may, my comprehension can only be an infinitesimal fraction.",
  "The more I study, the more insatiable do I feel my genius for it to be.",
];

const say = (at: number, count: number) =>
  Array.from({ length: count }, (_, each) => sentences[(at * 3 + each) % sentences.length]).join(" ");

function answer(at: number): string {
  if (at % 9 === 1)
    return `${say(at, 1)}\n\n\`\`\`python\nfor card in range(${at}):\n    engine.turn(card)\n    mill.wait()\n\`\`\`\n\n${say(at + 1, 2)}`;
  if (at % 7 === 1) return `${say(at, 2)}\n\n- ${say(at, 1)}\n- ${say(at + 1, 1)}\n- ${say(at + 2, 1)}`;
  return Array.from({ length: 1 + (at % 4) }, (_, each) => say(at + each, 1 + ((at + each) % 3))).join("\n\n");
}

/** A conversation of `length` messages that ends now; twelve a day. */
export function longConversation(now: Date, length: number): { session: Session; messages: Message[] } {
  const ids = Array.from({ length }, (_, at) => id(`L${at}`));
  const messages = ids.map((one, at): Message => {
    const asked = at % 2 === 0;
    return {
      id: one,
      session_id: id("long"),
      parent_id: ids[at - 1] ?? null,
      role: asked ? "user" : "assistant",
      content: asked ? `${at + 1}. ${say(at, 1 + (at % 3 === 0 ? 1 : 0))}` : `**${at + 1}.** ${answer(at)}`,
      parts: [],
      attachments: [],
      created_at: new Date(now.getTime() - (length - at) * 2 * 3_600_000).toISOString(),
      status: "complete",
      model: asked ? null : { provider: "bedrock", id: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0" },
      instead_of: null,
      usage: asked ? null : { input: 2714, output: 98, cache_read: 1984, cache_write: 0 },
      failure: null,
      imported: null,
    };
  });
  return {
    session: {
      id: id("long"),
      title: `${length} messages`,
      audience: "owner",
      created_at: messages[0]?.created_at ?? now.toISOString(),
      updated_at: now.toISOString(),
      head: ids.at(-1) ?? null,
      ...plain,
    },
    messages,
  };
}
