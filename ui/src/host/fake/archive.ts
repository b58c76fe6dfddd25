import type {
  ArchiveMade,
  Backup,
  EncryptionState,
  ExportMade,
  ImportFolder,
  ImportPreview,
  ImportReport,
  Message,
  Progress,
  Recovered,
  Session,
  SessionFormat,
  SessionId,
  SkippedList,
} from "@/bindings";
import type { World } from "./commands";
import { type Command, fail, notify, plain, sessionOf } from "./common";
import { id } from "./sample";

export type FakeFile = {
  passphrase: string | null;
  sessions: Session[];
  messages: Message[];
  kind: ImportPreview["kind"];
  skipped: SkippedList;
};

export type FakeData = {
  files: Map<string, FakeFile>;
  exports: ExportMade[];
  folder: ImportFolder;
  backups: Backup[];
  encryption: EncryptionState;
  /** Of a home that asks for one. */
  passphrase: string;
  /** What each holds. */
  copies: Map<string, { sessions: Session[]; messages: Message[] }>;
  cancelled: Set<string>;
  /** Lets a job take its next step, so that a test can call it off; null: it runs through. */
  step: (() => Promise<void>) | null;
};

const none: SkippedList = { count: 0, named: [] };

const unwatched: ImportFolder = { path: null, missing: false, sessions: 0, messages: 0, last: null, foreign: 0, skipped: none };

/** A week of backups, an export of ChatGPT with much that is skipped, and an archive under a passphrase. */
export function fakeData(now: Date, sessions: Session[], messages: Message[]): FakeData {
  const at = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
  const backups = [0.2, 1.1, 2, 3.4, 9].map((days, place): Backup => {
    const reason = place === 2 ? "before_restore" : place === 4 ? "before_update" : "regular";
    return { name: `twin-${place}.db`, at: at(days), reason, kilobytes: 41_200 - place * 730 };
  });
  const foreign: Session = {
    ...plain,
    id: id("gpt1"),
    title: "Greyhounds",
    audience: "owner",
    created_at: at(40),
    updated_at: at(40),
    head: null,
  };
  const named = ["attachment", "not_said", "cut_off", "empty"].flatMap((reason, kind) =>
    Array.from({ length: 6 }, (_, number) => ({
      place: `conversations[${kind * 6 + number}]/mapping/5f1c0e3e-${number}`,
      reason: reason as SkippedList["named"][number]["reason"],
    })),
  );
  const copy = { sessions: structuredClone(sessions), messages: structuredClone(messages) };
  return {
    files: new Map<string, FakeFile>([
      [
        "/home/ada/Downloads/chatgpt.zip",
        { passphrase: null, sessions: [foreign], messages: [], kind: "chatgpt", skipped: { count: 240, named } },
      ],
      ["/home/ada/Downloads/sealed.age", { passphrase: "open sesame", ...copy, kind: "archive", skipped: none }],
    ]),
    exports: [],
    folder: unwatched,
    backups: sessions.length > 0 ? backups : [],
    encryption: "off",
    passphrase: "four words of mine",
    copies: new Map(backups.map(({ name }) => [name, copy])),
    cancelled: new Set(),
    step: null,
  };
}

type JobArgs = { job: string; progress: { onmessage: (progress: Progress) => void } };

/** False: it was called off. */
export async function work(world: World, { job, progress }: JobArgs, stage: Progress["stage"]): Promise<boolean> {
  for (const percent of [0, 30, 60, 90]) {
    progress.onmessage({ stage, percent });
    await world.data.step?.();
    await world.latency();
    if (world.data.cancelled.has(job)) return false;
  }
  progress.onmessage({ stage: "finishing", percent: 0 });
  return true;
}

const minute = () => new Date().toISOString();

function fileAt(world: World, path: string): FakeFile {
  const file = world.data.files.get(path);
  if (!file) throw fail("invalid_input", `${path} cannot be read: entity not found`, "check its name, and that you may read it");
  return file;
}

function opened(world: World, path: string, passphrase: string | null): FakeFile {
  const file = fileAt(world, path);
  if (file.passphrase !== null && file.passphrase !== passphrase)
    throw fail("invalid_input", "the passphrase does not fit this archive", "check it, and type it again");
  return file;
}

function backUp(world: World, reason: Backup["reason"]): Backup {
  const backup: Backup = { name: `${reason}-${world.data.backups.length}.db`, at: minute(), reason, kilobytes: 41_310 };
  world.data.backups.unshift(backup);
  world.data.copies.set(backup.name, { sessions: structuredClone(world.sessions), messages: structuredClone(world.messages) });
  return backup;
}

function restore(world: World, name: string): Backup {
  const copy = world.data.copies.get(name);
  if (!copy) throw fail("not_found", "there is no such backup", "choose another one");
  const aside = backUp(world, "before_restore");
  world.sessions = structuredClone(copy.sessions);
  world.messages = structuredClone(copy.messages);
  notify({ type: "changed_elsewhere" }, "sessions", "messages", "settings", "memory");
  return aside;
}

function takeIn(world: World, { kind, sessions, messages, skipped }: FakeFile): ImportReport {
  const here = new Set(world.sessions.map((one) => one.id));
  const known = new Set(world.messages.map((one) => one.id));
  const fresh = { sessions: sessions.filter((one) => !here.has(one.id)), messages: messages.filter((one) => !known.has(one.id)) };
  world.sessions.push(...structuredClone(fresh.sessions));
  world.messages.push(...structuredClone(fresh.messages));
  notify({ type: "changed_elsewhere" }, "sessions", "messages", "settings", "memory");
  const records = kind === "archive" ? fresh.sessions.length + fresh.messages.length : 0;
  const { length: newSessions } = fresh.sessions;
  return { kind, sessions: newSessions, messages: fresh.messages.length, records, files: 0, persona: 0, forgotten: false, skipped };
}

/** Two conversations, an export that is none, and a file that is broken. */
async function lookThrough(world: World): Promise<void> {
  await world.latency();
  const named: SkippedList["named"] = [{ place: "holiday.json", reason: "broken" }];
  const came = { sessions: 2, messages: 9, last: minute(), foreign: 1, skipped: { count: 1, named } };
  world.data.folder = { ...world.data.folder, ...came };
  notify({ type: "changed_elsewhere" }, "sessions", "messages", "settings", "memory");
}

export const archiveCommands: Record<string, Command> = {
  archive_export: async (world, args: JobArgs & { path: string; passphrase: string | null }): Promise<ArchiveMade | null> => {
    const { path, passphrase } = args;
    if (!(await work(world, args, "writing"))) return null;
    const content = { sessions: structuredClone(world.sessions), messages: structuredClone(world.messages) };
    world.data.files.set(path, { passphrase, ...content, kind: "archive", skipped: none });
    world.data.exports.unshift({ path, at: minute(), what: "archive", sessions: [] });
    const records = world.sessions.length + world.messages.length;
    return { path, records, files: 2, persona: world.files.length, left_out: [], sealed: passphrase !== null };
  },
  session_export: async (world, args: JobArgs & { sessionIds: SessionId[]; format: SessionFormat; path: string }): Promise<boolean> => {
    const sessions = args.sessionIds.map((one) => sessionOf(world, one).id);
    if (!(await work(world, args, "writing"))) return false;
    world.data.files.set(args.path, { passphrase: null, sessions: [], messages: [], kind: "seed", skipped: none });
    world.data.exports.unshift({ path: args.path, at: minute(), what: "sessions", sessions });
    return true;
  },
  session_drag: (world, { sessionIds }: { sessionIds: SessionId[] }) => {
    for (const one of sessionIds) sessionOf(world, one);
    return null;
  },
  import_preview: async (world, args: JobArgs & { path: string; passphrase: string | null }): Promise<ImportPreview | null> => {
    const { kind, passphrase } = fileAt(world, args.path);
    const empty = { exported_at: null, sessions: 0, sessions_here: 0, messages: 0, messages_here: 0, skipped: none };
    if (passphrase !== null && args.passphrase === null) return { kind, locked: true, ...empty };
    const file = opened(world, args.path, args.passphrase);
    if (!(await work(world, args, "reading"))) return null;
    return {
      kind,
      locked: false,
      exported_at: kind === "archive" ? minute() : null,
      sessions: file.sessions.length,
      sessions_here: file.sessions.filter((one) => world.sessions.some((other) => other.id === one.id)).length,
      messages: file.messages.length,
      messages_here: file.messages.filter((one) => world.messages.some((other) => other.id === one.id)).length,
      skipped: file.skipped,
    };
  },
  import_file: async (world, args: JobArgs & { path: string; passphrase: string | null }): Promise<ImportReport | null> => {
    const file = opened(world, args.path, args.passphrase);
    return (await work(world, args, "reading")) ? takeIn(world, file) : null;
  },
  import_drop: (world, { name }: { name: string }) => {
    const path = `/home/ada/.local/share/digital-twin/dropped/${name}`;
    const same = [...world.data.files].find(([known]) => known.endsWith(`/${name}`));
    if (same) world.data.files.set(path, same[1]);
    return path;
  },
  import_drop_end: () => null,
  job_cancel: (world, { job }: { job: string }) => {
    world.data.cancelled.add(job);
    return null;
  },
  export_list: (world) => world.data.exports,
  export_folder: () => "/home/ada/Downloads",
  export_choose_file: (_world, { path }: { path: string }) => `/home/ada/Documents/${path.split("/").at(-1)}`,
  export_there: (world, { path }: { path: string }) => world.data.files.has(path),
  export_show: (world, { path }: { path: string }) => {
    world.opened.push(path);
    return null;
  },
  import_folder: (world) => world.data.folder,
  import_choose_folder: () => "/home/ada/twin/sessions",
  import_folder_set: (world, { folder }: { folder: string | null }): ImportFolder => {
    world.settings.import_folder = folder;
    world.data.folder = { ...unwatched, path: folder };
    if (folder !== null && !world.settings.background_paused) void lookThrough(world);
    return world.data.folder;
  },
  import_choose_file: () => "/home/ada/Downloads/chatgpt.zip",
  backup_list: (world) => world.data.backups,
  backup_now: (world) => backUp(world, "regular"),
  backup_restore: (world, { name }: { name: string }) => restore(world, name),
  backup_list_closed: (world) => world.data.backups,
  encryption_unlock: (world, { secret }: { secret: string }): null => {
    if (secret !== world.data.passphrase) throw fail("home_wrong_key", "that does not open this home", "check it, and type it again");
    world.trouble = null;
    return null;
  },
  encryption_state: (world) => world.data.encryption,
  encryption_on: (world, { passphrase }: { passphrase: string | null }): string => {
    if (passphrase === null && world.credentials.status !== "keychain")
      throw fail("keychain_unavailable", "there is no keychain", "start or unlock the keychain, or choose a passphrase instead");
    if (passphrase !== null) world.data.passphrase = passphrase;
    world.data.encryption = passphrase === null ? "keychain" : "passphrase";
    return "K3D7-9QXM-2TRF-W8HJ-5NPC-V6AB-4YGE";
  },
  encryption_off: (world): null => {
    world.data.encryption = "off";
    return null;
  },
  encryption_code_new: () => "7M2P-X4QK-9DRT-B6WH-3FNC-J8VA-5GYE",
  encryption_passphrase_change: (world, { passphrase }: { passphrase: string }): null => {
    world.data.passphrase = passphrase;
    return null;
  },
  backup_recover: (world): Recovered => {
    world.trouble = null;
    const backup = world.data.backups.find(({ reason }) => reason !== "before_restore") ?? null;
    const aside = backup && restore(world, backup.name);
    return {
      backup,
      aside,
      readable: true,
      messages: 12,
      changes: 31,
      lost: 3,
      lost_from: minute(),
      lost_to: minute(),
      until: minute(),
      syncs: world.sync.status.state !== "off",
    };
  },
};
