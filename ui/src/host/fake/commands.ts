import type {
  ContextReport,
  Credentials,
  CredentialsView,
  Failure,
  Message,
  MessageId,
  Notice,
  PersonaText,
  Provider,
  ReplyEvent,
  SendRequest,
  Server,
  Session,
  SessionId,
  Settings,
  WireError,
} from "@/bindings";
import { emit } from "./event";
import { check, type FakeFile, view } from "./persona";
import { sampleReport } from "./sample";

export type World = {
  sessions: Session[];
  messages: Message[];
  deleted: Set<SessionId>;
  reports: Map<MessageId, ContextReport>;
  files: FakeFile[];
  folder: string;
  settings: Settings;
  credentials: CredentialsView;
  trouble: WireError | null;
  calls: { name: string; args: Record<string, unknown> }[];
  /** Why the next replies bring no word at all; null: they answer. */
  silent: Failure | null;
  /** Commands that are to fail, by name. */
  refuse: Record<string, WireError>;
  stops: Map<SessionId, () => void>;
  /** Milliseconds between two deltas. */
  pace: number;
  opened: string[];
  latency: () => Promise<void>;
};

type Events = { onmessage: (event: ReplyEvent) => void };
type Command = (world: World, args: never) => unknown;

const fail = (code: WireError["code"], message: string, hint: string): WireError => ({
  code,
  message,
  hint,
  retryable: true,
  id: "01JD3K7Q",
});
const notify = (event: Notice["event"], ...stale: Notice["stale"]) => void emit("notice", { event, stale } satisfies Notice);
const now = () => new Date().toISOString();

function sessionOf(world: World, id: SessionId): Session {
  const session = world.sessions.find((one) => one.id === id);
  if (!session) throw fail("not_found", "this chat does not exist", "choose another one");
  return session;
}

const failures: [RegExp, Failure][] = [
  [
    /credential/i,
    {
      code: "credentials_missing",
      message: "no AWS credentials were found",
      hint: "sign in with `aws sso login`, or enter keys in Settings",
      retryable: true,
    },
  ],
  [
    /unreachable|server gone/i,
    { code: "unreachable", message: "127.0.0.1:11434 does not answer", hint: "start the server, or choose another model", retryable: true },
  ],
  [/throttle/i, { code: "throttled", message: "the service asked to slow down", hint: "wait a minute and try again", retryable: true }],
];

function answerTo(question: string): string {
  if (/long/i.test(question)) {
    const paragraph =
      "The engine weaves *algebraical patterns* just as the Jacquard loom weaves flowers and leaves. It can do whatever we **know how to order it** to perform.";
    return Array.from({ length: 24 }, (_, at) =>
      at % 6 === 5
        ? `\`\`\`python\nfor card in range(${at}):\n    engine.turn(card)\n\n    mill.wait()\n\`\`\``
        : `${at + 1}. ${paragraph}`,
    ).join("\n\n");
  }
  if (/who are you/i.test(question)) {
    return "I am **Ada**: mathematician, and the writer of some notes longer than the paper that they annotate.\n\nI think in pictures and argue in symbols. Ask me about:\n\n- the *Analytical Engine*, and what it cannot do,\n- horses, within reason,\n- Mr Babbage, with patience.";
  }
  return `You asked: “${question.slice(0, 80)}”. I should want to see it worked out before I believe it; but the pattern is a pleasing one, and patterns are most of what there is.`;
}

async function reply(world: World, session: Session, question: Message, events: Events, userMessage: Message | null): Promise<null> {
  const answer: Message = {
    id: crypto.randomUUID(),
    session_id: session.id,
    parent_id: question.id,
    role: "assistant",
    content: "",
    created_at: now(),
    status: "streaming",
    model: world.settings.model,
    usage: null,
    failure: null,
    imported: null,
  };
  world.messages.push(answer);
  session.updated_at = now();
  events.onmessage(structuredClone({ type: "accepted", session_id: session.id, user_message: userMessage, reply_id: answer.id }));
  notify({ type: "sessions_changed" }, "sessions");

  let stopped = false;
  world.stops.set(session.id, () => {
    stopped = true;
  });
  const wait = (factor = 1) => new Promise((done) => setTimeout(done, world.pace * factor));
  await wait(20);
  const failure = world.silent ?? failures.find(([pattern]) => pattern.test(question.content))?.[1] ?? null;
  const words = answerTo(question.content).split(/(?<=\s)/);
  for (const word of failure ? (/partial/i.test(question.content) ? words.slice(0, 6) : []) : words) {
    if (stopped) break;
    answer.content += word;
    events.onmessage({ type: "delta", text: word });
    await wait();
  }
  world.stops.delete(session.id);
  if (failure && !answer.content) {
    // As the program does it: not a word arrived, so there is no answer to keep.
    world.messages.splice(world.messages.indexOf(answer), 1);
    events.onmessage(structuredClone({ type: "failed", message: null, failure }));
    notify({ type: "messages_changed", session_id: session.id }, "messages", "sessions");
    return null;
  }
  session.head = answer.id;
  answer.status = failure ? "interrupted" : stopped ? "stopped" : "complete";
  if (failure) {
    answer.failure = failure;
    events.onmessage(structuredClone({ type: "failed", message: answer, failure }));
  } else {
    answer.usage = { input: 2714, output: words.length * 2, cache_read: 1984, cache_write: 0 };
    world.reports.set(answer.id, sampleReport([]));
    events.onmessage(structuredClone({ type: "done", message: answer }));
  }
  notify({ type: "messages_changed", session_id: session.id }, "messages", "sessions");
  return null;
}

function personaChanged(world: World, path: string) {
  const problems = world.files.reduce((sum, file) => sum + (file.editable ? check(file.path, file.text).length : 0), 0);
  notify({ type: "persona_reloaded", files: [path], problems }, "persona");
}

const fingerprint = (file: FakeFile) => `${file.path}#${file.revision}`;

export const commandNames: Record<string, Command> = {
  bootstrap: (world) => ({
    version: "0.1.0",
    home: "/home/ada/.local/share/digital-twin",
    settings: world.settings,
    persona: view(world.files, world.folder),
    trouble: world.trouble,
  }),
  session_list: (world, { audience }: { audience: Session["audience"] }) =>
    world.sessions
      .filter((session) => session.audience === audience && !world.deleted.has(session.id))
      .sort((a, b) => b.updated_at.localeCompare(a.updated_at)),
  session_messages: (world, { sessionId }: { sessionId: SessionId }) =>
    world.messages.filter((message) => message.session_id === sessionId),
  session_rename: (world, { sessionId, title }: { sessionId: SessionId; title: string }) => {
    sessionOf(world, sessionId).title = title;
    notify({ type: "sessions_changed" }, "sessions");
    return null;
  },
  session_delete: (world, { sessionId }: { sessionId: SessionId }) => {
    world.deleted.add(sessionId);
    notify({ type: "sessions_changed" }, "sessions");
    return null;
  },
  session_restore: (world, { sessionId }: { sessionId: SessionId }) => {
    world.deleted.delete(sessionId);
    notify({ type: "sessions_changed" }, "sessions");
    return null;
  },
  session_set_head: (world, { sessionId, messageId }: { sessionId: SessionId; messageId: MessageId }) => {
    sessionOf(world, sessionId).head = messageId;
    return null;
  },
  chat_send: async (world, { request, events }: { request: SendRequest; events: Events }) => {
    if (/reject/i.test(request.text))
      throw fail("store_full", "the disk is full, the message could not be stored", "free some space and send it again");
    let session = world.sessions.find((one) => one.id === request.session_id);
    if (!session) {
      session = {
        id: crypto.randomUUID(),
        title: request.text.split(/\s+/).slice(0, 7).join(" "),
        audience: request.audience,
        created_at: now(),
        updated_at: now(),
        head: null,
      };
      world.sessions.push(session);
    }
    const message: Message = {
      id: crypto.randomUUID(),
      session_id: session.id,
      parent_id: request.parent_id,
      role: "user",
      content: request.text,
      created_at: now(),
      status: "complete",
      model: null,
      usage: null,
      failure: null,
      imported: null,
    };
    world.messages.push(message);
    session.head = message.id;
    return reply(world, session, message, events, message);
  },
  chat_regenerate: async (world, { sessionId, messageId, events }: { sessionId: SessionId; messageId: MessageId; events: Events }) => {
    const question = world.messages.find((message) => message.id === messageId);
    if (!question) throw fail("not_found", "the message is no longer there", "send it again");
    return reply(world, sessionOf(world, sessionId), question, events, null);
  },
  chat_stop: (world, { sessionId }: { sessionId: SessionId }) => {
    world.stops.get(sessionId)?.();
    return null;
  },
  context_report: (world, { messageId }: { messageId: MessageId }) => world.reports.get(messageId) ?? null,
  persona_view: (world) => view(world.files, world.folder),
  persona_read: (world, { path }: { path: string }): PersonaText => {
    const file = world.files.find((one) => one.path === path);
    if (!file) throw fail("not_found", `${path} is not in the folder`, "choose another file");
    return { path, text: file.text, fingerprint: fingerprint(file) };
  },
  persona_check: (_world, { path, text }: { path: string; text: string }) => check(path, text),
  persona_save: (world, { path, text, fingerprint: seen }: { path: string; text: string; fingerprint: string | null }): PersonaText => {
    const problem = check(path, text)[0];
    if (problem) throw fail("persona_invalid", problem.message, problem.hint);
    let file = world.files.find((one) => one.path === path);
    if (file ? fingerprint(file) !== seen : seen !== null)
      throw fail("persona_changed", `${path} changed on disk since it was read`, "reload it, or overwrite it");
    if (file) {
      file.text = text;
      file.revision += 1;
    } else {
      file = {
        path,
        text,
        kind: path.startsWith("facts") ? "facts" : path.startsWith("style") ? "style" : "summary",
        editable: true,
        revision: 1,
      };
      world.files.push(file);
    }
    personaChanged(world, path);
    return { path, text, fingerprint: fingerprint(file) };
  },
  persona_template: (_world, { path }: { path: string }) =>
    path === "facts.json" ? '{\n  "full_name": "Your full name",\n  "name": "Your name"\n}\n' : "Write here, in your own words.\n",
  persona_open_folder: () => null,
  persona_set_folder: (world, { folder }: { folder: string | null }) => {
    if (folder?.includes("missing")) throw fail("not_found", `${folder} does not exist`, "create the folder, or choose another one");
    world.folder = folder ?? "/home/ada/.local/share/digital-twin/persona";
    world.settings.persona_folder = folder;
    personaChanged(world, "");
    return view(world.files, world.folder);
  },
  persona_choose_folder: () => "/home/ada/Documents/persona",
  settings_save: (world, { settings }: { settings: Settings }) => {
    world.settings = settings;
    notify({ type: "settings_changed" }, "settings");
    return settings;
  },
  credentials_view: (world) => world.credentials,
  credentials_save: (world, { credentials }: { credentials: Credentials }) => {
    world.credentials = { ...world.credentials, [credentials.provider]: true };
    return world.credentials;
  },
  credentials_forget: (world, { provider }: { provider: Provider }) => {
    world.credentials = { ...world.credentials, [provider]: false };
    return world.credentials;
  },
  model_list: (world, { provider, server }: { provider: Provider; server: Server | null }) => {
    if (provider !== "openai") return [];
    if ((server?.base_url ?? world.settings.openai.base_url).includes("1234"))
      throw fail("unreachable", "127.0.0.1:1234 does not answer", "start LM Studio and turn on its local server");
    return ["llama3.2", "mistral-small", "qwen3:8b", "gemma3:12b"];
  },
  link_inspect: (_world, { url }: { url: string }) => {
    const parsed = new URL(url);
    if (!["https:", "http:", "mailto:"].includes(parsed.protocol))
      throw fail("invalid_input", "only web and mail addresses can be opened", "copy the address instead");
    return {
      url,
      scheme: parsed.protocol.slice(0, -1),
      host: parsed.host || parsed.pathname,
      warning: parsed.protocol === "http:" ? "This connection is not encrypted." : null,
    };
  },
  link_open: (world, { url }: { url: string }) => {
    world.opened.push(url);
    return null;
  },
  window_ready: () => null,
};
