import type {
  AttachmentId,
  Message,
  MessageId,
  MessagePart,
  ModelRef,
  Note,
  ReplyEvent,
  SendRequest,
  Session,
  SessionId,
} from "@/bindings";
import { sameModel } from "@/lib/model";
import type { World } from "./commands";
import { type Command, fail, notify, plain, sessionOf } from "./common";
import { learnFrom } from "./memory";
import { sampleReport } from "./sample";
import { type Step, script } from "./script";
import { sumOf } from "./spend";

type Events = { onmessage: (event: ReplyEvent) => void };

const now = () => new Date().toISOString();

type Reply = { world: World; session: Session; question: Message; answer: Message; notes: Note[]; send: (event: ReplyEvent) => void };

/** Plays one step; `stopped` ends it early. Gives why there is no more to come. */
async function play(reply: Reply, step: Step, stopped: () => boolean, stop: Promise<void>) {
  const { world, answer, send } = reply;
  const wait = (factor = 1) => new Promise((done) => setTimeout(done, world.pace * factor));
  const put = (part: MessagePart) => answer.parts.push(part);
  const grow = async (text: string, type: "delta" | "reasoning", add: (word: string) => void) => {
    for (const word of text.split(/(?<=\s)/)) {
      if (stopped()) return;
      add(word);
      send({ type, text: word });
      await wait();
    }
  };
  const note = (one: Note) => {
    reply.notes.push(one);
    send({ type: "noted", note: one });
  };
  if ("say" in step) {
    const part = { type: "text" as const, text: "" };
    put(part);
    await grow(step.say, "delta", (word) => {
      part.text += word;
      answer.content += word;
    });
  } else if ("think" in step) {
    const part = { type: "reasoning" as const, text: "", signature: "c2VhbA==", redacted: null };
    put(part);
    await grow(step.think, "reasoning", (word) => {
      part.text += word;
    });
  } else if ("look" in step) {
    const part = {
      type: "tool" as const,
      id: crypto.randomUUID(),
      name: "recall",
      input: JSON.stringify({ query: step.look }),
      output: null as string | null,
      is_error: false,
    };
    put(part);
    send({ type: "tool_started", id: part.id, name: part.name, input: part.input });
    await wait(30);
    part.output = step.output;
    send({ type: "tool_ended", id: part.id, output: step.output, is_error: false });
  } else if ("wait" in step) {
    const times = reply.notes.filter((one) => one.type === "asked_again").length + 1;
    send({ type: "waiting", seconds: step.wait, attempt: times + 1, failure: step.failure });
    await Promise.race([world.pause(step.wait), stop]);
    if (stopped()) return;
    send({ type: "asking", model: answer.model as ModelRef });
    note({ type: "asked_again", times, failure: step.failure });
  } else if ("trim" in step) note({ type: "history_trimmed", messages: step.trim });
  else if ("without" in step) note({ type: "left_out", feature: step.without });
  else if ("fallBack" in step && answer.model && !sameModel(answer.model, step.fallBack)) {
    note({ type: "fell_back", from: answer.model, failure: step.failure });
    answer.instead_of = answer.model;
    answer.model = step.fallBack;
    send({ type: "asking", model: step.fallBack });
  }
}

async function reply(world: World, session: Session, question: Message, events: Events, asked: Message | null, model: ModelRef | null) {
  const answer: Message = {
    ...question,
    id: crypto.randomUUID(),
    parent_id: question.id,
    role: "assistant",
    content: "",
    parts: [],
    attachments: [],
    created_at: now(),
    status: "streaming",
    model: model ?? session.model ?? world.settings.model,
  };
  const send = (event: ReplyEvent) => events.onmessage(structuredClone(event));
  world.messages.push(answer);
  session.updated_at = now();
  send({ type: "accepted", session_id: session.id, user_message: asked, reply_id: answer.id });
  notify({ type: "sessions_changed" }, "sessions");
  if (answer.model) send({ type: "asking", model: answer.model });

  let stopped = false;
  let end = () => {};
  const stop = new Promise<void>((done) => {
    end = done;
  });
  world.stops.set(session.id, () => {
    stopped = true;
    end();
  });
  await new Promise((done) => setTimeout(done, world.pace * 20));
  const steps = script(world, question);
  const last = steps.at(-1);
  const failing = last && "fail" in last ? last : null;
  const acting: Reply = { world, session, question, answer, notes: [], send };
  for (const step of steps) if (!stopped) await play(acting, step, () => stopped, stop);
  world.stops.delete(session.id);
  // As the program does it: parts only where there is more than the text.
  if (answer.parts.every((part) => part.type === "text")) answer.parts = [];
  if (failing && !stopped && !answer.content) {
    // As the program does it: not a word arrived, so there is no answer to keep.
    world.messages.splice(world.messages.indexOf(answer), 1);
    send({ type: "failed", message: null, failure: failing.fail, next: failing.next ?? null });
  } else {
    session.head = answer.id;
    answer.status = stopped ? "stopped" : failing ? "interrupted" : "complete";
    if (failing && !stopped) {
      answer.failure = failing.fail;
      send({ type: "failed", message: answer, failure: failing.fail, next: failing.next ?? null });
    } else {
      const words = answer.content.split(/(?<=\s)/).length;
      answer.usage = { input: 2714, output: words * 2, cache_read: 1984, cache_write: 0 };
      const report = sampleReport([]);
      world.reports.set(answer.id, { ...report, model: answer.model ?? report.model, usage: answer.usage, notes: acting.notes });
      send({ type: "done", message: answer });
    }
  }
  notify({ type: "messages_changed", session_id: session.id }, "messages", "sessions");
  if (asked) learnFrom(world, asked, session.temporary);
  return null;
}

function take(world: World, ids: AttachmentId[]) {
  return ids.map((id) => {
    const file = world.staged.get(id);
    if (!file) throw fail("invalid_input", "an attached file is no longer there", "attach it again");
    world.staged.delete(id);
    world.blobs.set(file.attachment.sha256, file.data);
    return file.attachment;
  });
}

export const chatCommands: Record<string, Command> = {
  chat_send: async (world, { request, events }: { request: SendRequest; events: Events }) => {
    if (/reject/i.test(request.text))
      throw fail("store_full", "the disk is full, the message could not be stored", "free some space and send it again");
    const attachments = take(world, request.attachments);
    let session = world.sessions.find((one) => one.id === request.session_id);
    if (!session) {
      session = {
        id: crypto.randomUUID(),
        title: request.text.split(/\s+/).slice(0, 7).join(" ") || (attachments[0]?.name ?? ""),
        audience: request.audience,
        created_at: now(),
        updated_at: now(),
        head: null,
        ...plain,
        model: request.model,
        temporary: request.temporary,
      };
      world.sessions.push(session);
    }
    const message: Message = {
      id: crypto.randomUUID(),
      session_id: session.id,
      parent_id: request.edits ? (world.messages.find(({ id }) => id === request.edits)?.parent_id ?? null) : request.parent_id,
      role: "user",
      content: request.text,
      parts: [],
      attachments,
      created_at: now(),
      status: "complete",
      model: null,
      instead_of: null,
      usage: null,
      failure: null,
      imported: null,
    };
    world.messages.push(message);
    session.head = message.id;
    return reply(world, session, message, events, message, request.model);
  },
  chat_regenerate: async (
    world,
    { sessionId, messageId, model, events }: { sessionId: SessionId; messageId: MessageId; model: ModelRef | null; events: Events },
  ) => {
    const question = world.messages.find((message) => message.id === messageId);
    if (!question) throw fail("not_found", "the message is no longer there", "send it again");
    return reply(world, sessionOf(world, sessionId), question, events, null, model);
  },
  chat_stop: (world, { sessionId }: { sessionId: SessionId }) => {
    world.stops.get(sessionId)?.();
    return null;
  },
  usage_session: (world, { sessionId }: { sessionId: SessionId }) => sumOf(world, sessionId),
};
