import {
  Ban,
  CircleAlert,
  Clock,
  CloudOff,
  Database,
  FileWarning,
  Gauge,
  HardDrive,
  KeyRound,
  type LucideIcon,
  MonitorX,
  SearchX,
  ShieldAlert,
  Unplug,
} from "lucide-react";
import type { Code, Failure, Problem, WireError } from "@/bindings";
import { tongue, words } from "./words";

/** Where the one next step is taken, when it is not simply to try again. */
type Step = "settings" | "persona" | null;
type Look = { icon: LucideIcon; step: Step };

// By type every code has its entry here and its title in words.errors: a new code does not compile until both exist.
const looks: Record<Code, Look> = {
  invalid_input: { icon: CircleAlert, step: null },
  not_found: { icon: SearchX, step: null },
  store_too_new: { icon: Database, step: null },
  store_read_only: { icon: Database, step: null },
  store_full: { icon: HardDrive, step: null },
  store_damaged: { icon: Database, step: null },
  store_busy: { icon: Database, step: null },
  home_locked: { icon: KeyRound, step: null },
  home_wrong_key: { icon: KeyRound, step: null },
  store_failed: { icon: Database, step: null },
  persona_invalid: { icon: FileWarning, step: "persona" },
  persona_changed: { icon: FileWarning, step: "persona" },
  import_invalid: { icon: FileWarning, step: null },
  keychain_unavailable: { icon: KeyRound, step: "settings" },
  keychain_locked: { icon: KeyRound, step: "settings" },
  credentials_missing: { icon: KeyRound, step: "settings" },
  credentials_rejected: { icon: KeyRound, step: "settings" },
  sign_in_expired: { icon: KeyRound, step: "settings" },
  access_denied: { icon: ShieldAlert, step: "settings" },
  model_not_found: { icon: SearchX, step: "settings" },
  throttled: { icon: Gauge, step: null },
  model_loading: { icon: Clock, step: null },
  quota_exceeded: { icon: Gauge, step: "settings" },
  context_too_long: { icon: FileWarning, step: null },
  request_refused: { icon: Ban, step: "settings" },
  attachment_refused: { icon: FileWarning, step: null },
  content_filtered: { icon: Ban, step: null },
  unreachable: { icon: CloudOff, step: "settings" },
  timed_out: { icon: Clock, step: null },
  stream_interrupted: { icon: Unplug, step: null },
  provider_failed: { icon: CloudOff, step: null },
  sync_removed: { icon: MonitorX, step: null },
  sync_wrong_key: { icon: KeyRound, step: null },
  sync_rolled_back: { icon: ShieldAlert, step: null },
  sync_damaged: { icon: ShieldAlert, step: null },
  sync_newer_format: { icon: Clock, step: null },
  sync_conditions_ignored: { icon: ShieldAlert, step: null },
  sync_recovery_code: { icon: KeyRound, step: null },
  internal: { icon: CircleAlert, step: null },
};

export type ErrorLook = Look & { title: string };

export function errorLook(code: Code): ErrorLook {
  // A program newer than this window may know more codes; a person still deserves a sentence.
  return { ...(looks[code] ?? looks.internal), title: words.errors[code] ?? words.errors.internal };
}

const isWireError = (thrown: unknown): thrown is WireError =>
  typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown;

/** Whatever was thrown, as an error that can be shown. */
export function toWireError(thrown: unknown): WireError {
  if (isWireError(thrown)) return thrown;
  return { code: "internal", message: words.problem.unexpected, hint: words.problem.unexpectedHint, retryable: true, id: "" };
}

/** Sentences from the program start in lower case and lack a full stop, so that they can be joined; alone they get both. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return "";
  const start = trimmed[0]?.toUpperCase() + trimmed.slice(1);
  if (/[.!?…:。！？：]$/.test(start)) return start;
  return /[\p{Script=Han}”）]$/u.test(start) && tongue === "zh-Hans" ? `${start}。` : `${start}.`;
}

/** Sentences one after the other. A Chinese full stop brings its own gap. */
export const inARow = (...sentences: string[]): string => sentences.filter(Boolean).join(" ").replaceAll("。 ", "。");

/** What went wrong, as the program tells it; without a code there are only its words. */
export type Told = Pick<Failure, "message" | "hint"> & { code?: Code };

const own = ({ message, hint }: Told): string => inARow(sentence(message), sentence(hint));

/** The program speaks English. In another language its code says what happened and what to do; its own words are the details. */
const translated = ({ code }: Told): Code | null =>
  tongue === "en" || code === undefined ? null : code in words.errors ? code : "internal";

/** Cause and next step in the person's language. `titled`: the code's title stands above already. */
export function errorText(told: Told, titled = false): string {
  const code = translated(told);
  if (code === null) return own(told);
  return titled ? words.hints[code] : inARow(sentence(words.errors[code]), words.hints[code]);
}

/** Only what went wrong, as it goes into a sentence. */
export const cause = (told: Told): string => {
  const code = translated(told);
  return code === null ? told.message : words.errors[code];
};

export const hintText = (told: Told): string => {
  const code = translated(told);
  return code === null ? sentence(told.hint) : words.hints[code];
};

/** A problem of a persona file has no code of its own: its place is what counts, and the editor shows that. */
export const personaTold = ({ message, hint }: Pick<Problem, "message" | "hint">): Told => ({ code: "persona_invalid", message, hint });

/** What the program said in English, where something else is shown in its place. */
export const errorDetails = (told: Told): string | null => (translated(told) === null ? null : own(told) || null);
