import { useState } from "react";
import type { EvidenceView, ForgetScope, MemoryDetail } from "@/bindings";
import { words } from "@/lib/words";
import { Choices } from "./choices";
import { ForgetDialog } from "./forget-dialog";

const text = words.memory;

type Choice = { title: string; scope: ForgetScope; note?: string };

/** The memory alone, its history, or the places that it comes from. */
export function ForgetMemory({ detail, onClose, onForgotten }: { detail: MemoryDetail; onClose: () => void; onForgotten: () => void }) {
  const choices = choicesOf(detail);
  const [chosen, setChosen] = useState(choices[0]?.title ?? "");
  const choice = choices.find(({ title }) => title === chosen);
  return (
    <ForgetDialog scope={choice?.scope ?? null} note={choice?.note} onClose={onClose} onForgotten={onForgotten}>
      <Choices
        label={text.forgetWhat}
        value={chosen}
        options={choices.map(({ title }) => ({ value: title, title }))}
        onChange={setChosen}
        testId="forget-what"
      />
    </ForgetDialog>
  );
}

function choicesOf({ memory: { id }, history, sources }: MemoryDetail): Choice[] {
  const said = sources.some(({ evidence: { type } }) => type === "message" || type === "session");
  const note = said ? text.forgetStays : undefined;
  const memory = (title: string, withHistory: boolean): Choice => ({
    title,
    scope: { type: "memory", id, history: withHistory },
    note,
  });
  const all = [
    ...(history.length > 1 ? [memory(text.forgetLine, true)] : []),
    memory(text.forgetThis, false),
    ...sources.flatMap(placesOf),
  ];
  // Two sources may lie in one chat.
  return all.filter(({ title }, at) => all.findIndex((one) => one.title === title) === at);
}

function placesOf({ evidence, title }: EvidenceView): Choice[] {
  if (evidence.type === "typed" || !title) return [];
  if (evidence.type === "file")
    return [{ title: text.forgetFile(evidence.path), scope: { type: "file", path: evidence.path }, note: text.forgetFileText }];
  const session: Choice = { title: text.forgetSession(title), scope: { type: "session", id: evidence.session_id } };
  return evidence.type === "session"
    ? [session]
    : [{ title: text.forgetMessage, scope: { type: "message", id: evidence.message_id } }, session];
}
