import type {
  AttachmentId,
  Catalogue,
  ContextReport,
  CredentialsView,
  Failure,
  Message,
  MessageId,
  PersonaText,
  Session,
  SessionId,
  Settings,
  StagedAttachment,
  WireError,
} from "@/bindings";
import { archiveCommands, type FakeData } from "./archive";
import { attachmentCommands } from "./attachment";
import { catalogueCommands } from "./catalogue";
import { chatCommands } from "./chat";
import { type Command, fail, notify, sessionOf } from "./common";
import { desktopCommands, type FakeDesktop } from "./desktop";
import { filingCommands } from "./filing";
import { findCommands } from "./find";
import { forgetCommands } from "./forgetting";
import { memoryCommands } from "./memory";
import type { FakeMemory } from "./memory-sample";
import { modelCommands } from "./models";
import { pathCommands } from "./path";
import { peopleCommands } from "./people";
import { check, type FakeFile, view } from "./persona";
import { type FakeSync, syncCommands } from "./sync";

export type World = {
  sessions: Session[];
  messages: Message[];
  deleted: Set<SessionId>;
  /** Messages that were deleted with all that follows them. */
  cut: Set<MessageId>;
  reports: Map<MessageId, ContextReport>;
  files: FakeFile[];
  folder: string;
  settings: Settings;
  credentials: CredentialsView;
  desktop: FakeDesktop;
  trouble: WireError | null;
  calls: { name: string; args: Record<string, unknown> }[];
  /** Why the next replies bring no word at all; null: they answer. */
  silent: Failure | null;
  /** How the next replies come about, beside what the question's own words ask for: waiting, reasoning, fallback, offer, refused. */
  manner: Set<string>;
  /** How long a pause before another attempt lasts; it ends earlier when the reply is stopped. */
  pause: (seconds: number) => Promise<void>;
  /** The lists, without what was typed by hand. */
  catalogue: Catalogue;
  staged: Map<AttachmentId, StagedAttachment & { data: string }>;
  /** Base64 by hash. */
  blobs: Map<string, string>;
  /** Commands that are to fail, by name. */
  refuse: Record<string, WireError>;
  memory: FakeMemory;
  data: FakeData;
  sync: FakeSync;
  stops: Map<SessionId, () => void>;
  /** Milliseconds between two deltas. */
  pace: number;
  opened: string[];
  latency: () => Promise<void>;
};

function personaChanged(world: World, path: string) {
  const problems = world.files.reduce((sum, file) => sum + (file.editable ? check(file.path, file.text).length : 0), 0);
  notify({ type: "persona_reloaded", files: [path], problems }, "persona");
}

const fingerprint = (file: FakeFile) => `${file.path}#${file.revision}`;

export const commandNames: Record<string, Command> = {
  ...chatCommands,
  ...pathCommands,
  ...attachmentCommands,
  ...catalogueCommands,
  ...modelCommands,
  ...desktopCommands,
  ...findCommands,
  ...filingCommands,
  ...memoryCommands,
  ...peopleCommands,
  ...forgetCommands,
  ...archiveCommands,
  ...syncCommands,
  bootstrap: (world) => ({
    version: "0.1.0",
    home: "/home/ada/.local/share/digital-twin",
    settings: world.settings,
    persona: view(world.files, world.folder),
    trouble: world.trouble,
  }),
  session_rename: (world, { sessionId, title }: { sessionId: SessionId; title: string }) => {
    sessionOf(world, sessionId).title = title;
    notify({ type: "sessions_changed" }, "sessions");
    return null;
  },
  context_report: (world, { messageId }: { messageId: MessageId }) => world.reports.get(messageId) ?? null,
  context_claims: (world, { messageId }: { messageId: MessageId }) => world.reports.get(messageId)?.claims ?? [],
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
