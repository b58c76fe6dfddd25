import type { Message, MessagePart, ReplyEvent } from "@/bindings";

/** What an answer is made of, as it is shown. */
export type Piece =
  /** `from`: where it begins in the content of a stored message. */
  | { kind: "text"; text: string; from?: number }
  /** `ended` is null while it grows; both are null where nobody was there to measure. */
  | { kind: "reasoning"; text: string; started: number | null; ended: number | null }
  /** Thoughts that came only as a seal. */
  | { kind: "sealed" }
  | { kind: "tool"; id: string; name: string; input: string; output: string | null; failed: boolean };

type Event<T extends ReplyEvent["type"]> = Extract<ReplyEvent, { type: T }>;

/** A thought ends with whatever comes after it. */
function endThought(pieces: Piece[], now: number): Piece[] {
  const last = pieces.at(-1);
  return last?.kind === "reasoning" && last.ended === null ? [...pieces.slice(0, -1), { ...last, ended: now }] : pieces;
}

export function grow(pieces: Piece[], kind: "text" | "reasoning", text: string, now: number): Piece[] {
  const last = pieces.at(-1);
  if (last?.kind === kind) return [...pieces.slice(0, -1), { ...last, text: last.text + text }];
  const next: Piece = kind === "text" ? { kind, text } : { kind, text, started: now, ended: null };
  return [...endThought(pieces, now), next];
}

export const toolStarted = (pieces: Piece[], { id, name, input }: Event<"tool_started">, now: number): Piece[] => [
  ...endThought(pieces, now),
  { kind: "tool", id, name, input, output: null, failed: false },
];

export const toolEnded = (pieces: Piece[], { id, output, is_error: failed }: Event<"tool_ended">): Piece[] =>
  pieces.map((piece) => (piece.kind === "tool" && piece.id === id ? { ...piece, output, failed } : piece));

/** How long each thought took, in milliseconds; none for one that was broken off. */
export const thoughtsOf = (pieces: Piece[]): (number | null)[] =>
  pieces.flatMap((piece) => (piece.kind === "reasoning" ? [tookOf(piece)] : []));

export const tookOf = ({ started, ended }: { started: number | null; ended: number | null }): number | null =>
  started === null || ended === null ? null : ended - started;

function pieceOf(part: MessagePart, from: number): Piece[] {
  if (part.type === "tool") {
    const { id, name, input, output, is_error: failed } = part;
    return [{ kind: "tool", id, name, input, output, failed }];
  }
  const hasWords = part.text.trim() !== "";
  if (part.type === "text") return hasWords ? [{ kind: "text", text: part.text, from }] : [];
  if (hasWords) return [{ kind: "reasoning", text: part.text, started: null, ended: null }];
  return part.redacted === null ? [] : [{ kind: "sealed" }];
}

/** A stored message's pieces. `thoughts`: how long each took, if this window was there and saw as many. */
export function piecesOf(message: Message, thoughts: (number | null)[]): Piece[] {
  if (message.parts.length === 0) return message.content.trim() === "" ? [] : [{ kind: "text", text: message.content, from: 0 }];
  let from = 0;
  const pieces = message.parts.flatMap((part) => {
    const made = pieceOf(part, from);
    if (part.type === "text") from += part.text.length;
    return made;
  });
  if (pieces.filter(({ kind }) => kind === "reasoning").length !== thoughts.length) return pieces;
  let at = 0;
  return pieces.map((piece) => {
    if (piece.kind !== "reasoning") return piece;
    const took = thoughts[at] ?? null;
    at += 1;
    return took === null ? piece : { ...piece, started: 0, ended: took };
  });
}

export type Lookup = {
  query: string;
  /** What came, each with where it is from; null while nothing has come. */
  passages: { source: string; text: string }[] | null;
};

/** A look into memory; null where the tool is another, or its words are not as expected. */
export function lookupOf({ name, input, output }: Extract<Piece, { kind: "tool" }>): Lookup | null {
  if (name !== "recall") return null;
  try {
    const { query }: { query?: unknown } = JSON.parse(input);
    if (typeof query !== "string") return null;
    if (output === null) return { query, passages: null };
    // A passage begins with `- [where it is from] `; its further lines are indented.
    const memory = /<memory>\n([\s\S]*)<\/memory>/.exec(output)?.[1] ?? "";
    const found = memory.matchAll(/^- \[(.*?)\] ([\s\S]*?)(?=\n- \[|\n*$(?![\s\S]))/gm);
    return { query, passages: [...found].map(([, source = "", text = ""]) => ({ source, text: text.replace(/\n {2}/g, "\n") })) };
  } catch {
    return null;
  }
}
