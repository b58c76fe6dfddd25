import type { Code, Language, Message, Session, Theme } from "@/bindings";
import { fakeData } from "./archive";
import { sampleCatalogue } from "./catalogue";
import type { World } from "./commands";
import { fakeDesktop } from "./desktop";
import { fileThem } from "./filing";
import { longConversation } from "./long";
import { markdownConversations } from "./markdown";
import { noMemory, sampleMemory } from "./memory-sample";
import { oddConversations } from "./odd";
import { personaFiles } from "./persona";
import { richConversation } from "./rich";
import { manySessions, reports, sampleMessages, sampleSessions } from "./sample";
import { fakeSync } from "./sync";

const router = { name: "openrouter", base_url: "https://openrouter.ai/api/v1", key_secret: "openrouter" };

const manners = ["waiting", "reasoning", "fallback", "offer", "refused", "trimmed"];

type Told = { code: Code; message: string; hint: string };

const tooNew: Told = {
  code: "store_too_new",
  message: "the database was written by a newer version (schema 9, this one knows 4)",
  hint: "install the newest Digital Twin, or set TWIN_HOME to another folder",
};

const troubles: Record<string, Told> = {
  damaged: {
    code: "store_damaged",
    message: "the database is damaged: malformed database schema",
    hint: "restore a backup from the folder `backups` in the home",
  },
  locked: {
    code: "home_locked",
    message: "the database is encrypted, and its key was not given",
    hint: "give its passphrase or its recovery code",
  },
};

/** `scene` is a query string: ?waiting, ?reasoning, ?fallback, ?offer (another model), ?refused (of files), ?trimmed (how answers come about), ?catalogue=big|problems|empty, ?markdown (chats for all that Markdown can become), ?rich (a chat with thoughts, files and look-ups), ?long=10000 (a chat of so many messages), ?filed (tags, pinned and archived chats), ?first (nothing chosen), ?empty (no chats, nothing remembered), ?memories=1200 (so many more facts), ?trouble, ?trouble=damaged|locked, ?broken (persona problems), ?slow, ?odd (what a design has to survive), ?missing (no style file), ?desktop=bare|taken (what the desktop gives), ?model=openai|bedrock|offline, ?keychain=locked|none, ?theme=dark, ?many (2,000 chats), ?sync (three devices), ?sync=running|offline|paused|failed|battery|alarms|versions, ?language=ar, ?text=200 (percent). */
export function makeWorld(scene: string): World {
  const query = new URLSearchParams(scene);
  const now = new Date();
  const odd = query.has("odd") ? oddConversations(now) : null;
  const rich = query.has("rich") ? richConversation(now) : null;
  const sessions: Session[] = odd?.sessions ?? (query.has("empty") || query.has("first") ? [] : sampleSessions(now));
  const messages: Message[] = odd?.messages ?? (sessions.length ? sampleMessages(now) : []);
  if (rich) {
    sessions.push(rich.session);
    messages.push(...rich.messages);
  }
  const long = query.has("long") ? longConversation(now, Number(query.get("long"))) : null;
  if (long) {
    sessions.push(long.session);
    messages.push(...long.messages);
  }
  if (query.has("filed")) fileThem(sessions);
  if (query.has("markdown")) {
    const marked = markdownConversations(now);
    sessions.push(...marked.sessions);
    messages.push(...marked.messages);
  }
  if (query.has("many")) sessions.push(...manySessions(now));
  const big = query.get("catalogue") === "big";
  const testing = import.meta.env.MODE === "test";
  const provider = query.get("model") ?? "bedrock";
  return {
    sessions,
    messages,
    deleted: new Set(),
    cut: new Set(),
    reports: odd?.reports ?? new Map([...(sessions.length ? reports(now) : []), ...(rich?.reports ?? [])]),
    files: personaFiles(query.has("broken")).filter((file) => !query.has("missing") || file.kind !== "style"),
    folder: "/home/ada/.local/share/digital-twin/persona",
    settings: {
      model: query.has("first")
        ? null
        : provider === "offline"
          ? { provider: "offline", id: "" }
          : provider === "openai"
            ? { provider: "openai", id: "llama3.2" }
            : { provider: "bedrock", id: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0" },
      theme: (query.get("theme") ?? "system") as Theme,
      language: (query.get("language") ?? "en") as Language,
      text_size: Number(query.get("text") ?? 100),
      send_key: "enter",
      shortcuts: {},
      quick_keys: "",
      tray: false,
      background_paused: false,
      titles_by_model: true,
      bedrock: {
        region: query.has("first") ? "" : "eu-central-1",
        credentials: "chain",
        profile: "",
        endpoint_url: "",
        control_endpoint_url: "",
        keys_secret: null,
        api_key_secret: null,
        reach: "geography",
        guardrail: null,
        service_tier: "unset",
        low_latency: false,
      },
      openai: { servers: [{ name: "ollama", base_url: "http://127.0.0.1:11434/v1", key_secret: null }, ...(big ? [router] : [])] },
      network: { proxy: "", ca_file: "" },
      effort: "unset",
      recall_tool: true,
      provenance_marks: true,
      learn: true,
      learn_tokens_month: null,
      embedder: { type: "embedded" },
      fallback: [],
      fallback_by_itself: false,
      models_recent: big
        ? [
            { provider: "bedrock", id: "global.anthropic.claude-sonnet-4-5-20250929-v1:0" },
            { provider: "openai", id: "qwen3:8b" },
          ]
        : [],
      models_typed: [],
      sync: { place: null, device_name: "", paused: false, keys_secret: null, device_secret: null },
      persona_folder: null,
      import_folder: null,
      audience: query.has("visitor") ? "visitor" : "owner",
    },
    credentials: {
      status: query.get("keychain") === "none" ? "session_only" : query.get("keychain") === "locked" ? "locked" : "keychain",
      openai: query.has("key") ? ["ollama"] : [],
      bedrock_keys: false,
      bedrock_api_key: false,
    },
    desktop: fakeDesktop(query.get("desktop")),
    trouble: query.has("trouble") ? { ...(troubles[query.get("trouble") ?? ""] ?? tooNew), retryable: true, id: "01JD3K7Q" } : null,
    calls: [],
    silent: null,
    manner: new Set(manners.filter((manner) => query.has(manner))),
    pause: (seconds) => (testing ? Promise.resolve() : new Promise((done) => setTimeout(done, seconds * 1000))),
    catalogue: sampleCatalogue(query.get("catalogue")),
    staged: new Map(),
    blobs: new Map(rich?.blobs),
    refuse: {},
    memory: sessions.length ? sampleMemory(now, Number(query.get("memories") ?? 0)) : noMemory(),
    data: fakeData(now, sessions, messages),
    sync: fakeSync(now, query.get("sync")),
    stops: new Map(),
    pace: testing ? 0 : query.has("slow") ? 90 : 22,
    opened: [],
    latency: () => (testing ? Promise.resolve() : new Promise((done) => setTimeout(done, query.has("slow") ? 900 : 15))),
  };
}
