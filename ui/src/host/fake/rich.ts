import type { Attachment, ContextReport, Message, MessageId, ModelRef, Session } from "@/bindings";
import { plain } from "./common";
import { id, sampleReport } from "./sample";
import { found, other } from "./script";

const sonnet: ModelRef = { provider: "bedrock", id: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0" };

/** Squares and rings, 240 × 160, as PNG. */
const loom =
  "iVBORw0KGgoAAAANSUhEUgAAAPAAAACgAgMAAABPtQn2AAAADFBMVEUMa2L6+fZ6SwDc7+udYanYAAAC8UlEQVR42u2ZT66jMAzGo8duNtyjhyingAVH4BS9RPfdVGrdBReo1JynK9YVasZ2wp/RoyOb9OnNPKULipB+mDifPxJjyrI0xqw7mgQn+B+GU84S/FPhlK0Ex8CZcwDHdXDlCIZuFQxPoJ+zK3y78Cz+9MPO3MCuGHbxGGFQw1NgAKuEax/4zsdeCTecKTzf4P9NB1eepXO8Tdup4BrZXTjn59bAGO40u9FNBVPgSWrQWgVcUeAp83DpFDA+6WFWIQBXhW9vAfazK69Etgw/4cS14XxV1C9EtlzJDziQvLmefQo6uTbvNMkzM3ih0GUY46FCPex42q8KYZ9IoQHuSCetGKaJQiDAPd2otXJ4R48aYEdXLlZeUpYyPMAd3a6TlxTPLY2WRt5TFnoxfOIy5umpMT7l/yquxwNL0qsK4T0+wE3o21s4EtOPRWLNxyv3/nTpiVVRcZ7KUZtYKTL4gTAO1Y7G0Ktg1uaUAkf5k8HZneF+Sj7DRyGMxTxMsj9aTJsKtl6hxp9L4RxtpKJHrYI2G4xfw1kIHzxMCmVtIlwp4Jqmp+HaIIX2ephLyu1V8JbhzmQePqLaCAaRb5MecmaCAWZwLg20oqoiuECYFUrazKgqVLAf6jB4NdwEeX0HbFmb/zV8/0FjXiqMHXqINQXat8GVM3k4eaiwqt4A51RMuTuvgDuEcfAO4UoJfzIDOSx2kjd7WLR7Rvh2xBsj6l2leEsuLvMNavM8XMlJoRvopBsMgscVTMHwxUrhndemv0IKpfWjHM7GzWtGIisXNzh/WcSFucn9Iq59+wrw3WvPqFVv1Ho7aqUft8cQ726W+Jy1WXgnoc3/BpUu3cV6bY4eVpJixHDQ5mBD5QdcjvL9c9BmMIPyF7R7Odz8uee9L73lonfu7+8ZRHUr4vokUR2aqN6QsCv14pb5rJd2OWu7jzP4ttfCzRTYqfue1RS40zdNh9Ct+6KO6xf1eqO6zOm7ZMpZgtN3yQQnOPn2N8G/AWXVxNq2pIW1AAAAAElFTkSuQmCC";

const file = (name: string, media_type: string, bytes: number, more: Partial<Attachment> = {}): Attachment => ({
  id: id(`f-${name}`),
  name,
  media_type,
  bytes,
  sha256: name,
  left_out: false,
  ...more,
});

/** A chat with all that an answer can be made of: files, thoughts, look-ups, another model in place of the first. */
export function richConversation(now: Date): {
  session: Session;
  messages: Message[];
  reports: Map<MessageId, ContextReport>;
  blobs: [string, string][];
} {
  const at = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  const message = (name: string, parent: string | null, content: string, more: Partial<Message> = {}): Message => ({
    id: id(name),
    session_id: id("rich"),
    parent_id: parent ? id(parent) : null,
    role: name.startsWith("ra") ? "assistant" : "user",
    content,
    parts: [],
    attachments: [],
    created_at: at(9),
    status: "complete",
    model: name.startsWith("ra") ? sonnet : null,
    instead_of: null,
    usage: name.startsWith("ra") ? { input: 3120, output: 214, cache_read: 1984, cache_write: 640 } : null,
    failure: null,
    imported: null,
    ...more,
  });
  const answer = [
    "Let me see what you told me of it.\n\n",
    "It is the **pattern card** of your greyhounds’ blanket: rings on a check, which a loom of two shafts cannot make.",
  ];
  const messages = [
    message("ru1", null, "Which loom was this woven on?", {
      attachments: [
        file("pattern-card.png", "image/png", 2_104_000),
        file("a photograph of the whole blanket, taken in the garden.png", "image/png", 812_000, {
          left_out: true,
          sha256: "pattern-card.png",
        }),
        file("notes on the loom.pdf", "application/pdf", 184_200),
        file("gone.jpg", "image/jpeg", 90_000),
      ],
    }),
    message("ra1", "ru1", answer.join(""), {
      parts: [
        {
          type: "reasoning",
          text: "A check with rings. **Two shafts** give plain weave only, so this needs at least four.\n\nWas the blanket mentioned before? I should look.",
          signature: "c2VhbA==",
          redacted: null,
        },
        { type: "reasoning", text: "", signature: null, redacted: "c2VhbGVk" },
        { type: "text", text: answer[0] ?? "" },
        { type: "tool", id: "t1", name: "recall", input: '{"query":"greyhounds blanket"}', output: found, is_error: false },
        { type: "text", text: answer[1] ?? "" },
      ],
    }),
    message("ru2", "ra1", "And the name of the weaver?"),
    message("ra2", "ru2", "Nothing that I was given names the weaver, and I would rather not invent one.", {
      model: other,
      instead_of: sonnet,
    }),
  ];
  const report = { ...sampleReport([]), usage: messages[1]?.usage ?? null };
  return {
    session: {
      id: id("rich"),
      title: "Which loom was it?",
      audience: "owner",
      created_at: at(10),
      updated_at: at(0),
      head: id("ra2"),
      ...plain,
    },
    messages,
    reports: new Map([
      [id("ra1"), report],
      [
        id("ra2"),
        {
          ...report,
          model: other,
          notes: [
            {
              type: "fell_back",
              from: sonnet,
              failure: { code: "throttled", message: "it was asked too often", hint: "wait", retryable: true },
            },
            { type: "history_trimmed", messages: 12 },
          ],
        },
      ],
    ]),
    blobs: [
      ["pattern-card.png", loom],
      ["notes on the loom.pdf", "JVBERi0="],
    ],
  };
}
