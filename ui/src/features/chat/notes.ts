import type { Catalogue, Message, ModelRef, Note } from "@/bindings";
import { cause } from "@/lib/errors";
import { displayName } from "@/lib/model";
import { words } from "@/lib/words";

/** A note in words. `answered`: who did in the end. */
export function noteText(note: Note, answered: ModelRef | null, catalogue: Catalogue | undefined): string {
  const name = (model: ModelRef) => displayName(catalogue, model);
  switch (note.type) {
    case "history_trimmed":
      return words.chat.notes.trimmed(note.messages);
    case "profile":
      return words.chat.notes.profile(note.id);
    case "left_out":
      return words.chat.notes.leftOut(words.chat.features[note.feature] ?? note.feature);
    case "asked_again":
      return words.chat.notes.askedAgain(note.times, cause(note.failure));
    case "cut_short":
      return words.chat.notes.cutShort;
    case "nothing_kept":
      return words.chat.notes.nothingKept;
    case "no_memory_meant":
      return words.chat.notes.noMemoryMeant;
    case "fell_back":
      return words.chat.notes.fellBack(name(note.from), cause(note.failure), answered ? name(answered) : words.app.noModel);
  }
}

/** What stands below an answer: what this window saw, and in any case that another model answered than was asked. */
export function notesOf(message: Pick<Message, "model" | "instead_of">, seen: Note[], catalogue: Catalogue | undefined): string[] {
  const { model, instead_of: asked } = message;
  const texts = latest(seen).map((note) => noteText(note, model, catalogue));
  const told = seen.some((note) => note.type === "fell_back");
  if (!model || !asked || told) return texts;
  return [words.chat.notes.instead(displayName(catalogue, model), displayName(catalogue, asked)), ...texts];
}

// Told more than once, each time with the sum so far.
const sums: Note["type"][] = ["asked_again", "history_trimmed"];

export const latest = (notes: Note[]): Note[] =>
  notes.filter((note, at) => !sums.includes(note.type) || !notes.slice(at + 1).some((later) => later.type === note.type));
