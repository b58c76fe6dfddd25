import {
  Archive,
  ArrowDown,
  ArrowUp,
  BookOpen,
  Bot,
  CircleStop,
  DatabaseBackup,
  Eye,
  FileCheck,
  FileInput,
  FileOutput,
  Settings as Gear,
  Ghost,
  Info,
  Keyboard,
  type LucideIcon,
  MessageCircle,
  PackageOpen,
  Plus,
  RefreshCw,
  Search,
  SquarePen,
  SunMoon,
  TextCursorInput,
  TextSearch,
  UserRound,
} from "lucide-react";
import type { Catalogue, ModelRef, Session, Settings } from "@/bindings";
import type { Looking } from "@/features/memory/state";
import type { Pick, PickGroup } from "@/kit/pick-list";
import { formatDayAndTime } from "@/lib/format";
import { fitOf, fold } from "@/lib/fuzzy";
import { displayName, modelKey, modelLabel } from "@/lib/model";
import { remember } from "@/lib/remember";
import { type Action, actions, areaOf, atHand, keysFor } from "@/lib/shortcut";
import { words } from "@/lib/words";
import type { Move, Place, Section } from "./place";

const text = words.palette;

/** Of all that can be offered: what belongs to a row of the list of chats is done there. */
const icons: Partial<Record<Action, LucideIcon>> = {
  find: Search,
  new_chat: SquarePen,
  temporary_chat: Ghost,
  chat: MessageCircle,
  memory: BookOpen,
  persona: UserRound,
  settings: Gear,
  audience: Eye,
  theme: SunMoon,
  export_all: PackageOpen,
  import: FileInput,
  back_up: DatabaseBackup,
  sync_now: RefreshCw,
  shortcuts: Keyboard,
  write: TextCursorInput,
  stop: CircleStop,
  choose_model: Bot,
  why: Info,
  export_chat: FileOutput,
  find_here: TextSearch,
  find_next: ArrowDown,
  find_previous: ArrowUp,
  add_memory: Plus,
  save_file: FileCheck,
};

type Group = "actions" | "chats" | "models" | "memory" | "settings";
/** Something that can be picked. There may be thousands: what it is found by and what stands beside it are made when they are needed. */
export type Found = Omit<Pick, "detail"> & { group: Group; text: () => string; detail?: () => string };

function once(make: () => string): () => string {
  let made: string | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

type Here = {
  place: Place;
  settings: Settings;
  sessions: Session[];
  catalogue: Catalogue | undefined;
  dark: boolean;
  go: (move: Move) => void;
  toMemory: (part: Partial<Looking>) => void;
  choose: (model: ModelRef) => void;
};

/** Everything that can be reached from here, in the order in which it is shown where nothing is typed. */
export function everything({ place, settings, sessions, catalogue, dark, go, toMemory, choose }: Here): Found[] {
  const pick = (group: Group, one: Omit<Found, "group" | "text">, also = ""): Found => ({
    ...one,
    group,
    text: once(() => fold(`${one.title} ${also}`)),
  });
  const titles: Partial<Record<Action, string>> = {
    audience: place.audience === "owner" ? text.asVisitor : text.asOwner,
    theme: dark ? text.toLight : text.toDark,
  };
  const can = atHand();
  // What can be done only here is nearer than what can be done anywhere, but for what one comes for most.
  const byNearness = (["new_chat", "find", ...actions.filter((one) => areaOf(one) !== "window"), ...actions] as Action[]).filter(
    (action, at, all) => all.indexOf(action) === at && action !== "palette" && action !== place.screen,
  );
  const doable = byNearness.flatMap((action) => {
    const run = can.get(action);
    if (!run) return [];
    const title = titles[action] ?? words.shortcuts.actions[action];
    return [pick("actions", { id: `action ${action}`, title, icon: icons[action], keys: keysFor(action, settings.shortcuts), run })];
  });
  const chats = sessions.map((session) =>
    pick("chats", {
      id: `chat ${session.id}`,
      title: session.title || words.sessions.untitled,
      detail: () => (session.archived ? text.archived : formatDayAndTime(session.updated_at)),
      icon: session.archived ? Archive : MessageCircle,
      run: () => go({ to: "chat", session: session.id }),
    }),
  );
  const known = catalogue?.entries.map((entry) => entry.model) ?? settings.models_recent;
  const models = known.map((model) => {
    const label = model.provider === "offline" ? "" : modelLabel(model);
    const title = displayName(catalogue, model);
    return pick("models", { id: `model ${modelKey(model)}`, title, detail: () => label, icon: Bot, run: () => choose(model) }, label);
  });
  const sections = (Object.entries(words.settings.sections) as [Section, string][]).map(([section, name]) =>
    pick("settings", { id: `settings ${section}`, title: text.toSection(name), icon: Gear, run: () => go({ to: "settings", section }) }),
  );
  const tabs = Object.entries(words.memory.tabs) as [Looking["tab"], string][];
  const memories = [
    ...tabs.map(([tab, name]) => ({ id: tab as string, title: name, part: { tab } })),
    { id: "contradicted", title: text.contradictions, part: { tab: "all" as const, contradicted: true } },
    { id: "timeline", title: words.memory.timeline, part: { tab: "all" as const, view: "time" as const } },
  ].map(({ id, title, part }) =>
    pick("memory", { id: `memory ${id}`, title: text.toMemory(title), icon: BookOpen, run: () => toMemory(part) }),
  );
  return [...doable, ...memories, ...chats, ...(place.screen === "chat" ? models : []), ...sections];
}

const few: Record<Group, number> = { actions: 7, chats: 6, models: 0, memory: 0, settings: 0 };
const most: Record<Group, number> = { actions: 8, chats: 8, models: 6, memory: 6, settings: 6 };

/** What is listed for what was typed: the groups by their best fit, and what was used last first among what fits equally well. */
export function listed(all: Found[], query: string, recent: string[]): PickGroup[] {
  return chosenFrom(all, query, recent).map(({ name, picks }) => ({
    name,
    picks: picks.map(({ group: _, text: __, detail, ...pick }) => ({ ...pick, detail: detail?.() })),
  }));
}

function chosenFrom(all: Found[], query: string, recent: string[]): { name: string; picks: Found[] }[] {
  const wanted = fold(query.trim());
  const groups = Object.keys(few) as Group[];
  if (!wanted) {
    const again = recent.flatMap((id) => all.find((one) => one.id === id) ?? []).slice(0, 4);
    const rest = groups.map((group) => ({
      name: text.groups[group],
      picks: all.filter((one) => one.group === group && !again.includes(one)).slice(0, few[group]),
    }));
    return [{ name: text.recent, picks: again }, ...rest].filter(({ picks }) => picks.length > 0);
  }
  const fitting = all.flatMap((one) => {
    const base = fitOf(wanted, one.text());
    if (base === null) return [];
    const used = recent.indexOf(one.id);
    // Of chats that fit about as well the newest is meant, and not the one with the shortest title.
    const near = one.group === "chats" ? Math.ceil(base / 10) * 10 : base;
    return [{ one, rank: near + (used < 0 ? 0 : 15 - used) + (one.group === "actions" ? 5 : 0) }];
  });
  // Stable: sessions stay newest first where they fit equally well.
  fitting.sort((a, b) => b.rank - a.rank);
  const order = [...new Set(fitting.map(({ one }) => one.group))];
  return order.map((group) => ({
    name: text.groups[group],
    picks: fitting
      .filter(({ one }) => one.group === group)
      .slice(0, most[group])
      .map(({ one }) => one),
  }));
}

const remembered = "twin.palette.recent";

export function recentPicks(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(remembered) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function rememberPick(id: string): void {
  remember(remembered, JSON.stringify([id, ...recentPicks().filter((one) => one !== id)].slice(0, 12)));
}
