import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { commands, type Memory, type MemoryId } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { changeMemory } from "@/lib/memory";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { Choices } from "./choices";
import { SentenceField } from "./sentence-field";

const text = words.memory;

type CorrectDialogProps = { memory: Memory; onClose: () => void; onCorrected: (id: MemoryId) => void };

/** Says it in other words, and what the old ones were: an error, or true until now. */
export function CorrectDialog({ memory, onClose, onCorrected }: CorrectDialogProps) {
  const client = useQueryClient();
  const [value, setValue] = useState(memory.text);
  const [why, setWhy] = useState<"wrong" | "changed">("wrong");
  const [busy, setBusy] = useState(false);
  const next = value.trim();
  const ready = next !== "" && next !== memory.text && !busy;
  const save = async () => {
    if (!ready) return;
    setBusy(true);
    const done = await changeMemory(client, async () => {
      onCorrected((await commands.memoryCorrect(memory.id, next, why === "wrong")).id);
    });
    setBusy(false);
    if (!done) return;
    showToast(text.corrected);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.correctTitle}
      testId="correct-dialog"
      actions={
        <>
          <Button onClick={onClose}>{words.form.cancel}</Button>
          <Button look="primary" disabled={!ready} busy={busy} onClick={() => void save()} data-testid="correct-save">
            {text.saveChange}
          </Button>
        </>
      }
    >
      <SentenceField label={text.correctField} value={value} onChange={setValue} onEnter={() => void save()} testId="correct-text" />
      <Choices
        label={text.correctWhy}
        value={why}
        options={[
          { value: "wrong", title: text.wrong, text: text.wrongText },
          { value: "changed", title: text.changed, text: text.changedText },
        ]}
        onChange={setWhy}
        testId="correct-why"
      />
    </Dialog>
  );
}
