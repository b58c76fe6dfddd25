import type { Message, Session, Theme } from "@/bindings";
import type { World } from "./commands";
import { oddConversations } from "./odd";
import { personaFiles } from "./persona";
import { reports, sampleMessages, sampleSessions } from "./sample";

/** `scene` is a query string: ?first (nothing chosen), ?empty (no chats), ?trouble, ?broken (persona problems), ?slow, ?odd (what a design has to survive), ?missing (no style file), ?model=openai|bedrock|offline, ?keychain=locked|none, ?theme=dark. */
export function makeWorld(scene: string): World {
  const query = new URLSearchParams(scene);
  const now = new Date();
  const odd = query.has("odd") ? oddConversations(now) : null;
  const sessions: Session[] = odd?.sessions ?? (query.has("empty") || query.has("first") ? [] : sampleSessions(now));
  const messages: Message[] = odd?.messages ?? (sessions.length ? sampleMessages(now) : []);
  const testing = import.meta.env.MODE === "test";
  const provider = query.get("model") ?? "bedrock";
  return {
    sessions,
    messages,
    deleted: new Set(),
    reports: odd?.reports ?? (sessions.length ? reports(now) : new Map()),
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
      bedrock: { region: query.has("first") ? "" : "eu-central-1", credentials: "chain", profile: "", endpoint_url: "", keys_secret: null },
      openai: { base_url: query.has("first") ? "" : "http://127.0.0.1:11434/v1", key_secret: null },
      persona_folder: null,
      audience: query.has("visitor") ? "visitor" : "owner",
    },
    credentials: {
      status: query.get("keychain") === "none" ? "session_only" : query.get("keychain") === "locked" ? "locked" : "keychain",
      openai: query.has("key"),
      bedrock: false,
    },
    trouble: query.has("trouble")
      ? {
          code: "store_too_new",
          message: "the database was written by a newer version (schema 9, this one knows 4)",
          hint: "install the newest Digital Twin, or set TWIN_HOME to another folder",
          retryable: true,
          id: "01JD3K7Q",
        }
      : null,
    calls: [],
    silent: null,
    refuse: {},
    stops: new Map(),
    pace: testing ? 0 : query.has("slow") ? 90 : 22,
    opened: [],
    latency: () => (testing ? Promise.resolve() : new Promise((done) => setTimeout(done, query.has("slow") ? 900 : 15))),
  };
}
