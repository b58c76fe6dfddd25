import type { QueryClient } from "@tanstack/react-query";
import {
  type Audience,
  commands,
  type Failure,
  type Message,
  type MessageId,
  type ModelRef,
  type Note,
  type ReplyEvent,
  type SessionId,
} from "@/bindings";
import { openChannel } from "@/host/channel";
import { type DraftKey, draftKey } from "@/lib/drafts";
import { errorText, toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";
import { keyedStore } from "@/lib/store";
import { showToast } from "@/lib/toast";
import { idsOf, type Waiting as Staged } from "./attachments";
import { type Branch, endingWith, noBranch } from "./branch";
import { drawAfter, pauseAfter, timeToPicture } from "./pace";
import { branchStale } from "./path";
import { grow, type Piece, thoughtsOf, toolEnded, toolStarted } from "./pieces";

/** Between two attempts. */
export type Pause = { until: number; attempt: number; failure: Failure };

/** A reply that is being written. It lives outside the components, so that it goes on while another chat or screen is shown. */
export type Live = {
  /** What was just sent, until the program has stored it as a message. */
  asked: { text: string; files: Staged[] } | null;
  /** The message that is answered; null until it is stored. */
  parent: MessageId | null;
  reply: MessageId | null;
  /** The message of which what was sent is another version. */
  edits: MessageId | null;
  notes: Note[];
  /** Who is being asked. */
  model: ModelRef | null;
  pause: Pause | null;
};

/** Why the last attempt to answer a question failed, what it left (null: not a word), and who could answer instead. */
export type Failed = { failure: Failure; message: MessageId | null; next: ModelRef | null };

/** What only who was there saw: how long each thought took, and what went differently. */
export type Seen = { thoughts: (number | null)[]; notes: Note[] };

export type Outcome = { session: SessionId; message: Message | null; failure: Failure | null };

const live = keyedStore<DraftKey, Live>();
// Apart from the rest: thirty times a second it is only the growing answer that is drawn again.
const growing = keyedStore<DraftKey, Piece[]>();
const failed = keyedStore<MessageId, Failed>();
const seen = keyedStore<MessageId, Seen>();
const stopWanted = new Set<DraftKey>();
const enders = new Set<(outcome: Outcome) => void>();

export const useLive = (key: DraftKey): Live | null => live.use(key);

export const isAnswering = (key: DraftKey): boolean => live.get(key) !== null;
export const useGrowing = (key: DraftKey): Piece[] => growing.use(key) ?? noPieces;

/** How the last attempt to answer `question` failed, if it was made in this window. */
export const useFailed = (question: MessageId): Failed | null => failed.use(question);

/** What this window saw while `reply` was written. */
export const useSeen = (reply: MessageId): Seen | null => seen.use(reply);

export function onReplyEnd(listener: (outcome: Outcome) => void): () => void {
  enders.add(listener);
  return () => enders.delete(listener);
}

type Send = {
  client: QueryClient;
  session: SessionId | null;
  audience: Audience;
  /** A new session is to be stored nowhere. */
  temporary: boolean;
  text: string;
  files: Staged[];
  parent: MessageId | null;
  /** The message of which this is another version. */
  edits: MessageId | null;
  /** Null: as chosen in the session, else in the settings. */
  model: ModelRef | null;
  /** Answered from what was known then; null: now. */
  asOf: string | null;
  onAccepted: (session: SessionId) => void;
};

const noPieces: Piece[] = [];
const nothing = { notes: [], model: null, pause: null, reply: null, edits: null };

/** Resolves when the reply has ended; rejects when the message was not accepted, and then nothing was stored. */
export function sendMessage(send: Send): Promise<void> {
  const { client, session, audience, temporary, text, files, parent, edits, model, asOf, onAccepted } = send;
  const key = draftKey(session, audience, temporary);
  return follow(client, key, { ...nothing, asked: { text, files }, parent: null, edits }, onAccepted, (channel) =>
    commands.chatSend(
      { session_id: session, audience, text, parent_id: parent, attachments: idsOf(files), model, edits, temporary, as_of: asOf },
      channel,
    ),
  );
}

/** Another answer to `question`, beside the ones it has; of `model`, or (null) of who answers here anyway; `asOf` as in `Send`. */
export function answerAgain(
  client: QueryClient,
  session: SessionId,
  question: MessageId,
  model: ModelRef | null,
  asOf: string | null,
): Promise<void> {
  failed.remove(question);
  return follow(
    client,
    session,
    { ...nothing, asked: null, parent: question },
    () => {},
    (channel) => commands.chatRegenerate(session, question, model, asOf, channel),
  );
}

/** Stops the reply in `session`, or, while the message has no session yet, as soon as it has one. */
export async function stopReply(key: DraftKey, session: SessionId | null): Promise<void> {
  if (live.get(key)?.reply === null) stopWanted.add(key);
  else if (session) await commands.chatStop(session);
}

async function follow(
  client: QueryClient,
  startKey: DraftKey,
  start: Live,
  onAccepted: (session: SessionId) => void,
  run: (channel: ReturnType<typeof openChannel<ReplyEvent>>) => Promise<null>,
): Promise<void> {
  let key = startKey;
  let session: SessionId | null = null;
  let pieces: Piece[] = [];
  let stopDrawing: (() => void) | null = null;
  let pause = pauseAfter(0);

  const put = (change: Partial<Live>) => {
    const current = live.get(key);
    if (current) live.set(key, { ...current, ...change });
  };
  const flush = () => {
    stopDrawing = null;
    growing.set(key, pieces);
    timeToPicture((took) => {
      pause = pauseAfter(took);
    });
  };
  const add = (next: Piece[]) => {
    pieces = next;
    stopDrawing ??= drawAfter(pause, flush);
  };
  const store = (at: SessionId, message: Message) => {
    const queryKey = keys.path(at);
    // What is being read now may be older than this message. A first reading is left alone: without it nothing would be shown.
    if (client.getQueryData(queryKey)) void client.cancelQueries({ queryKey });
    client.setQueryData<Branch>(queryKey, (branch) => {
      // With the first message of a branch all of it is known.
      const known = branch ?? (message.parent_id === null ? noBranch : undefined);
      return known && endingWith(known, message);
    });
  };
  const end = (message: Message | null, failure: Failure | null, next: ModelRef | null) => {
    stopDrawing?.();
    const { parent, notes } = live.get(key) ?? start;
    const thoughts = thoughtsOf(pieces);
    if (message && thoughts.length + notes.length > 0) seen.set(message.id, { thoughts, notes });
    live.remove(key);
    growing.remove(key);
    if (session) {
      if (message) store(session, message);
      if (failure && parent) failed.set(parent, { failure, message: message?.id ?? null, next });
      void branchStale(client, session);
      void client.invalidateQueries({ queryKey: ["sessions"] });
      for (const ender of enders) ender({ session, message, failure });
    }
  };

  const channel = openChannel<ReplyEvent>((event) => {
    switch (event.type) {
      case "accepted": {
        const { session_id, user_message, reply_id } = event;
        session = session_id;
        const current = live.get(key) ?? start;
        live.remove(key);
        key = session_id;
        live.set(key, { ...current, asked: null, edits: null, parent: user_message?.id ?? current.parent, reply: reply_id });
        if (user_message) store(session_id, user_message);
        if (startKey !== session_id) void client.invalidateQueries({ queryKey: ["sessions"] });
        onAccepted(session_id);
        if (stopWanted.delete(startKey))
          commands.chatStop(session_id).catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
        break;
      }
      case "asking":
        put({ model: event.model, pause: null });
        break;
      case "waiting":
        put({ pause: { until: Date.now() + event.seconds * 1000, attempt: event.attempt, failure: event.failure } });
        break;
      case "noted":
        put({ notes: [...(live.get(key)?.notes ?? []), event.note] });
        break;
      case "delta":
        add(grow(pieces, "text", event.text, Date.now()));
        break;
      case "reasoning":
        add(grow(pieces, "reasoning", event.text, Date.now()));
        break;
      case "tool_started":
        add(toolStarted(pieces, event, Date.now()));
        break;
      case "tool_ended":
        add(toolEnded(pieces, event));
        break;
      case "done":
        end(event.message, null, null);
        break;
      case "failed":
        end(event.message, event.failure, event.next);
        break;
    }
  });

  stopWanted.delete(startKey);
  live.set(key, start);
  try {
    await run(channel);
  } catch (thrown) {
    const error = toWireError(thrown);
    if (session === null) {
      live.remove(key);
      throw error;
    }
    if (live.get(key)) end(null, error, null);
  }
}
