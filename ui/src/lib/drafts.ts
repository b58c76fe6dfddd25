import type { Audience, SessionId } from "@/bindings";

/** What was typed and not sent yet, per session; kept over a restart. */
export type DraftKey = SessionId | `new:${Audience}`;

const prefix = "twin.draft.";

export const draftKey = (session: SessionId | null, audience: Audience): DraftKey => session ?? `new:${audience}`;

export function readDraft(key: DraftKey): string {
  return localStorage.getItem(prefix + key) ?? "";
}

export function writeDraft(key: DraftKey, text: string): void {
  try {
    if (text) localStorage.setItem(prefix + key, text);
    else localStorage.removeItem(prefix + key);
  } catch {
    // Storage is full or forbidden: the text is still in the composer, which is where it matters.
  }
}
