import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import type { Settings } from "@/bindings";
import { type Keys, keysOf, keysTrouble, type Pressed, parseKeys, showKeys } from "./keys";

/** Where an action can be had: in the whole window, in a conversation, on a row of the list of chats, on the memory screen, in the persona's editor. */
export type Area = "window" | "chat" | "list" | "memory" | "persona";

/** Every action that can have keys, in the order in which they are listed; its words are in `words.shortcuts.actions`. */
const all = {
  palette: { area: "window", keys: "Mod+K" },
  find: { area: "window", keys: "Mod+Shift+F" },
  new_chat: { area: "window", keys: "Mod+N" },
  temporary_chat: { area: "window", keys: "Mod+Shift+N" },
  chat: { area: "window", keys: "" },
  memory: { area: "window", keys: "" },
  persona: { area: "window", keys: "" },
  settings: { area: "window", keys: "Mod+," },
  audience: { area: "window", keys: "" },
  theme: { area: "window", keys: "" },
  export_all: { area: "window", keys: "" },
  import: { area: "window", keys: "" },
  back_up: { area: "window", keys: "" },
  sync_now: { area: "window", keys: "" },
  shortcuts: { area: "window", keys: "Mod+/" },
  write: { area: "chat", keys: "Mod+L" },
  stop: { area: "chat", keys: "Esc" },
  choose_model: { area: "chat", keys: "Mod+Shift+M" },
  why: { area: "chat", keys: "" },
  export_chat: { area: "chat", keys: "" },
  find_here: { area: "chat", keys: "Mod+F" },
  find_next: { area: "chat", keys: "F3" },
  find_previous: { area: "chat", keys: "Shift+F3" },
  rename_chat: { area: "list", keys: "F2" },
  pin_chat: { area: "list", keys: "P" },
  archive_chat: { area: "list", keys: "E" },
  tag_chat: { area: "list", keys: "T" },
  select_chat: { area: "list", keys: "X" },
  select_all_chats: { area: "list", keys: "Mod+A" },
  delete_chat: { area: "list", keys: "Delete" },
  add_memory: { area: "memory", keys: "" },
  save_file: { area: "persona", keys: "Mod+S" },
} satisfies Record<string, { area: Area; keys: Keys }>;

export type Action = keyof typeof all;
export const actions = Object.keys(all) as Action[];
export const areas: Area[] = ["window", "chat", "list", "memory", "persona"];
export const areaOf = (action: Action): Area => all[action].area;
export const standardKeys = (action: Action): Keys => all[action].keys;

type Own = Settings["shortcuts"];

/** What the owner chose, else what is usual. Something unreadable counts as not chosen. */
export function keysFor(action: Action, own: Own | undefined): Keys {
  const chosen = own?.[action];
  if (chosen === undefined) return standardKeys(action);
  return chosen === "" ? "" : (parseKeys(chosen) ?? standardKeys(action));
}

const together = (a: Area, b: Area) => a === b || a === "window" || b === "window" || (a !== "persona" && b !== "persona");

/** Which other action would answer to the same keys in the same place. */
export const conflictOf = (action: Action, keys: Keys, own: Own): Action | null =>
  (keys && actions.find((other) => other !== action && keysFor(other, own) === keys && together(areaOf(other), areaOf(action)))) || null;

/** Why the keys cannot be an action's. None always can, and its own usual ones, also where nothing else may have them (Esc, Del). */
export const troubleOf = (action: Action, keys: Keys) => (keys === "" || keys === standardKeys(action) ? null : keysTrouble(keys));

/** The owner's choices with one more; keys that are the usual ones need not be kept. */
export function withKeys(own: Own, action: Action, keys: Keys): Own {
  const { [action]: _, ...rest } = own;
  return keys === standardKeys(action) ? rest : { ...rest, [action]: keys };
}

// Not read from the settings by each who shows keys: every row of the list of chats does.
let inForce: Own = {};
const listeners = new Set<() => void>();
const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useKeys = (action: Action): Keys => useSyncExternalStore(listen, () => keysFor(action, inForce));
/** As a tip or a sentence shows them; empty where the action has none. */
export const useKeysShown = (action: Action): string => showKeys(useKeys(action));

/** The same at this moment, for what is drawn anew whenever it is shown, such as a menu of each row of a list. */
export const keysShown = (action: Action): string => showKeys(keysFor(action, inForce));

/** For what listens itself, such as a row of a list: does this event mean that action? */
export function means(event: Pressed, action: Action): boolean {
  const keys = keysOf(event);
  return keys !== null && keys === keysFor(action, inForce);
}

/** Whether it is done also while a panel, a drawer or a menu is open; `all`: even over a question that waits for an answer. */
type Over = "nothing" | "panels" | "all";

type Handler = {
  action: Action;
  over: Over;
  offered: boolean;
  run: () => void;
};
const handlers: Handler[] = [];

/** `offered`: it would do something now. Its keys are taken also where it would not, so that nothing else comes of them. */
type Options = { enabled?: boolean; over?: Over; offered?: boolean };

/** Says what an action does here and now: its keys do it, and the palette offers it, for as long as the component is there. */
export function useShortcut(action: Action, run: () => void, { enabled = true, over = "nothing", offered = true }: Options = {}): void {
  const current = useRef(run);
  useEffect(() => {
    current.current = run;
  });
  useEffect(() => {
    if (!enabled) return;
    const handler: Handler = { action, over, offered, run: () => current.current() };
    handlers.push(handler);
    return () => void handlers.splice(handlers.indexOf(handler), 1);
  }, [action, enabled, over, offered]);
}

/** What can be done now, each once: the newest to say so does it. */
export const atHand = (): Map<Action, () => void> =>
  new Map(handlers.filter(({ offered }) => offered).map(({ action, run }) => [action, run]));

/** The one place that listens to the window's keys. */
export function useShortcutKeys(own: Own): void {
  useLayoutEffect(() => {
    inForce = own;
    for (const listener of listeners) listener();
  }, [own]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const keys = keysOf(event);
      if (keys === null) return;
      const there = (selector: string) => document.querySelector(selector) !== null;
      const open: Over = there("[data-modal]") ? "all" : there("[role=dialog],[role=menu]") ? "panels" : "nothing";
      const reaches = (over: Over) => over === "all" || over === open || open === "nothing";
      const handler = handlers.findLast((one) => keysFor(one.action, inForce) === keys && reaches(one.over));
      if (!handler) return;
      event.preventDefault();
      handler.run();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
