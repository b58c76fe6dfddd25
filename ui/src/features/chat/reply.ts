import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import {
  type Audience,
  commands,
  type Failure,
  type Message,
  type MessageId,
  type ReplyEvent,
  type Session,
  type SessionId,
} from "@/bindings";
import { openChannel } from "@/host/channel";
import { type DraftKey, draftKey } from "@/lib/drafts";
import { toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";
import { withMessage } from "./tree";

/** A reply that is being written. It lives outside the components, so that it goes on while another chat or screen is shown. */
export type Live = {
  /** The text just sent, until the program has stored it as a message. */
  asked: string | null;
  /** The message that is answered; null until it is stored. */
  parent: MessageId | null;
  reply: MessageId | null;
  text: string;
};

export type Outcome = { session: SessionId; message: Message | null; failure: Failure | null };

// A flush each thirtieth of a second reads as a stream and leaves time to paint. A timer and not an animation frame: a hidden window gets none.
const flushEvery = 33;

const live = new Map<DraftKey, Live>();
const failed = new Map<MessageId, Failure>();
const stopWanted = new Set<DraftKey>();
const listeners = new Set<() => void>();
const enders = new Set<(outcome: Outcome) => void>();

const tell = () => {
  for (const listener of listeners) listener();
};

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useLive = (key: DraftKey): Live | null => useSyncExternalStore(subscribe, () => live.get(key) ?? null);

/** Why the last attempt to answer `question` brought nothing at all, if that happened in this window. */
export const useFailed = (question: MessageId): Failure | null => useSyncExternalStore(subscribe, () => failed.get(question) ?? null);

export function onReplyEnd(listener: (outcome: Outcome) => void): () => void {
  enders.add(listener);
  return () => enders.delete(listener);
}

type Send = {
  client: QueryClient;
  session: SessionId | null;
  audience: Audience;
  text: string;
  parent: MessageId | null;
  onAccepted: (session: SessionId) => void;
};

/** Resolves when the reply has ended; rejects when the message was not accepted, and then nothing was stored. */
export function sendMessage({ client, session, audience, text, parent, onAccepted }: Send): Promise<void> {
  return follow(client, draftKey(session, audience), { asked: text, parent: null, reply: null, text: "" }, onAccepted, (channel) =>
    commands.chatSend({ session_id: session, audience, text, parent_id: parent }, channel),
  );
}

/** Another answer to `question`, beside the ones it has. */
export function answerAgain(client: QueryClient, session: SessionId, question: MessageId): Promise<void> {
  failed.delete(question);
  return follow(
    client,
    session,
    { asked: null, parent: question, reply: null, text: "" },
    () => {},
    (channel) => commands.chatRegenerate(session, question, channel),
  );
}

/** Stops the reply in `session`, or, while the message has no session yet, as soon as it has one. */
export async function stopReply(key: DraftKey, session: SessionId | null): Promise<void> {
  if (live.has(key) && live.get(key)?.reply === null) stopWanted.add(key);
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
  let pending = "";
  let timer: ReturnType<typeof setTimeout> | null = null;

  const put = (change: Partial<Live>) => {
    const current = live.get(key);
    if (current) live.set(key, { ...current, ...change });
    tell();
  };
  const flush = () => {
    timer = null;
    const current = live.get(key);
    if (current && pending) put({ text: current.text + pending });
    pending = "";
  };
  const end = (message: Message | null, failure: Failure | null) => {
    if (timer) clearTimeout(timer);
    const parent = live.get(key)?.parent;
    live.delete(key);
    if (session) {
      if (message) {
        client.setQueryData<Message[]>(keys.messages(session), (list) => withMessage(list, message));
        setHead(client, session, message.id);
      } else if (failure && parent) failed.set(parent, failure);
      void client.invalidateQueries({ queryKey: keys.messages(session) });
      void client.invalidateQueries({ queryKey: ["sessions"] });
      for (const ender of enders) ender({ session, message, failure });
    }
    tell();
  };

  const channel = openChannel<ReplyEvent>((event) => {
    switch (event.type) {
      case "accepted": {
        const { session_id, user_message, reply_id } = event;
        session = session_id;
        const current = live.get(key) ?? start;
        live.delete(key);
        key = session_id;
        live.set(key, { ...current, asked: null, parent: user_message?.id ?? current.parent, reply: reply_id });
        if (user_message) {
          client.setQueryData<Message[]>(keys.messages(session_id), (list) => withMessage(list, user_message));
          setHead(client, session_id, user_message.id);
        }
        if (startKey !== session_id) void client.invalidateQueries({ queryKey: ["sessions"] });
        onAccepted(session_id);
        if (stopWanted.delete(startKey)) void commands.chatStop(session_id);
        tell();
        break;
      }
      case "delta":
        pending += event.text;
        timer ??= setTimeout(flush, flushEvery);
        break;
      case "done":
        end(event.message, null);
        break;
      case "failed":
        end(event.message, event.failure);
        break;
    }
  });

  stopWanted.delete(startKey);
  live.set(key, start);
  tell();
  try {
    await run(channel);
  } catch (thrown) {
    const error = toWireError(thrown);
    if (session === null) {
      live.delete(key);
      tell();
      throw error;
    }
    if (live.has(key)) end(null, error);
  }
}

/** Moves the head in the list that the window holds; the program moves its own when a reply ends. */
export function setHead(client: QueryClient, session: SessionId, head: MessageId): void {
  client.setQueriesData<Session[]>({ queryKey: ["sessions"] }, (list) => list?.map((one) => (one.id === session ? { ...one, head } : one)));
}
