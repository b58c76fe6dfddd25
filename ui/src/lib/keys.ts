import { words } from "./words";

/**
 * A combination of keys as it is kept: `Mod+Shift+K`, always in this order; empty: none. `Mod` is Ctrl, and on a Mac Cmd.
 * Letters and digits are themselves, other characters stand for what they print, and keys without a character have the names that the
 * platform gives them (`ArrowUp`, `F2`), but for `Esc`, `Space` and `Plus`.
 */
export type Keys = string;

export type Pressed = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "isComposing" | "keyCode"> & {
  getModifierState?: (name: string) => boolean;
};

/** Whether the key belongs to a word that is being composed (Japanese, Chinese, dead keys). Old WebKits say so only by the key code. */
export const isComposing = (event: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean => event.isComposing || event.keyCode === 229;

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** Whether the key that commands are given with is held. */
export const holdsMod = (event: Pick<KeyboardEvent, "ctrlKey" | "metaKey">, mac = isMac): boolean => (mac ? event.metaKey : event.ctrlKey);

const names: Record<string, string> = { Escape: "Esc", " ": "Space", "+": "Plus" };
const modifiers = ["Control", "Meta", "Alt", "Shift", "AltGraph", "CapsLock", "Fn", "Hyper", "Super", "OS"];
const signs: Record<string, string> = {
  Comma: ",",
  Period: ".",
  Slash: "/",
  Semicolon: ";",
  Quote: "'",
  BracketLeft: "[",
  BracketRight: "]",
};

/** What the key is called. On a layout without Latin letters (Cyrillic, Arabic) its place on the keyboard counts, as menus there have it. */
function nameOf({ key, code }: Pick<Pressed, "key" | "code">): string | null {
  if (names[key]) return names[key];
  if (key.length === 1 && key > " " && key < "\u007f") return key.toUpperCase();
  if (key.length > 1 && !["Dead", "Process", "Unidentified", "Compose"].includes(key)) return modifiers.includes(key) ? null : key;
  return /^(?:Key|Digit)(.)$/.exec(code)?.[1] ?? signs[code] ?? null;
}

/**
 * What was pressed, as the desktop is asked for it: `Ctrl+Alt+Space`. Keys that work everywhere are taken from every other program, so each
 * modifier is itself.
 */
export function globalKeysOf(event: Pressed): Keys | null {
  if (isComposing(event) || event.getModifierState?.("AltGraph")) return null;
  const name = nameOf(event);
  if (name === null) return null;
  const { ctrlKey, altKey, shiftKey, metaKey } = event;
  return [ctrlKey && "Ctrl", altKey && "Alt", shiftKey && "Shift", metaKey && "Super", name].filter(Boolean).join("+");
}

const isLetterOrDigit = (name: string) => /^[A-Z0-9]$/.test(name);

/** What was pressed, or null for what is no combination yet, or belongs to the writing of a word. */
export function keysOf(event: Pressed, mac = isMac): Keys | null {
  // AltGr is how many layouts type @ or €.
  if (isComposing(event) || event.getModifierState?.("AltGraph")) return null;
  // The other one of Ctrl and Cmd (or Super) belongs to the system: on a Mac, Ctrl A and E move through text.
  if (mac ? event.ctrlKey : event.metaKey) return null;
  const name = nameOf(event);
  if (name === null) return null;
  // Whether a sign needs Shift is the layout's affair: / is Shift 7 in Germany.
  const shift = event.shiftKey && (name.length > 1 || isLetterOrDigit(name)) && name !== "Plus";
  return [holdsMod(event, mac) && "Mod", event.altKey && "Alt", shift && "Shift", name].filter(Boolean).join("+");
}

/** As the keys are written wherever they are kept: in order, with their own names. Null for what is none. */
export function parseKeys(text: string): Keys | null {
  const parts = text.split("+").map((part) => part.trim());
  const name = parts.pop() ?? "";
  const held = new Set(parts.map((part) => (/^(ctrl|control|cmd|meta|mod)$/i.test(part) ? "Mod" : part[0]?.toUpperCase() + part.slice(1))));
  if (!name || [...held].some((part) => !["Mod", "Alt", "Shift"].includes(part))) return null;
  const key = name.length === 1 ? name.toUpperCase() : name;
  return [...["Mod", "Alt", "Shift"].filter((part) => held.has(part)), key].join("+");
}

const editing = ["A", "C", "V", "X", "Y", "Z", "Shift+Z", "Shift+V"].map((key) => `Mod+${key}`);
const desktop = ["Mod+Q", "Mod+W", "Alt+F4", "Alt+Tab", "Alt+Space", "Alt+Shift+Tab"];
const moves = /^(?:ArrowLeft|ArrowRight|ArrowUp|ArrowDown|Home|End|Backspace|Delete|Tab|Enter|Space|Esc)$/;

/** Why keys cannot be chosen: they write text (or move in it), or the desktop and its text fields have them already. */
export function keysTrouble(keys: Keys): "plain" | "taken" | null {
  const parts = keys.split("+");
  const name = parts.at(-1) ?? "";
  const held = parts.slice(0, -1);
  const isFunction = /^F\d{1,2}$/.test(name);
  if (isFunction) return desktop.includes(keys) ? "taken" : null;
  if (!held.includes("Mod") && !held.includes("Alt")) return "plain";
  if (editing.includes(keys) || desktop.includes(keys)) return "taken";
  // Alt with up and down is free everywhere; all else of these moves through text, sends, or leaves a field.
  if (moves.test(name) && !/^Alt\+Arrow(?:Up|Down)$/.test(keys)) return "taken";
  return null;
}

const onMac: Record<string, string> = { Mod: "⌘", Alt: "⌥", Shift: "⇧" };

/** Each key of the combination as the person's keyboard has it printed. */
export function keyNames(keys: Keys): string[] {
  const printed: Record<string, string> = words.shortcuts.keys;
  return keys ? keys.split("+").map((part) => (isMac && onMac[part]) || printed[part] || part) : [];
}

/** For a sentence or a tip: `Ctrl Shift M`. */
export const showKeys = (keys: Keys): string => keyNames(keys).join(" ");

/** The arrow that leads further in the direction of reading. */
export const forwardKey = (): "ArrowRight" | "ArrowLeft" => (document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight");
export const backKey = (): "ArrowRight" | "ArrowLeft" => (forwardKey() === "ArrowRight" ? "ArrowLeft" : "ArrowRight");
