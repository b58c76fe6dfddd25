import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Audience, commands, type MemoryId, type MemoryKind } from "@/bindings";
import { Button } from "@/kit/button";
import { ChoiceMenu } from "@/kit/choice-menu";
import { Dialog } from "@/kit/dialog";
import { Segments } from "@/kit/segments";
import { changeMemory } from "@/lib/memory";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./dialogs.module.css";
import { SentenceField } from "./sentence-field";

const text = words.memory;

type AddDialogProps = { kind: MemoryKind; onClose: () => void; onAdded: (kind: MemoryKind, id: MemoryId) => void };

/** What the owner writes down themselves. */
export function AddDialog({ kind: first, onClose, onAdded }: AddDialogProps) {
  const client = useQueryClient();
  const [kind, setKind] = useState(first);
  const [value, setValue] = useState("");
  const [audience, setAudience] = useState<Audience>("owner");
  const [busy, setBusy] = useState(false);
  const ready = value.trim() !== "" && !busy;
  const save = async () => {
    if (!ready) return;
    setBusy(true);
    const done = await changeMemory(client, async () => onAdded(kind, (await commands.memoryAdd(kind, value.trim(), audience)).id));
    setBusy(false);
    if (!done) return;
    showToast(text.saved);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.add}
      text={text.addText}
      testId="add-dialog"
      actions={
        <>
          <Button onClick={onClose}>{words.form.cancel}</Button>
          <Button look="primary" disabled={!ready} busy={busy} onClick={() => void save()} data-testid="add-save">
            {text.save}
          </Button>
        </>
      }
    >
      <SentenceField label={text.sentence} value={value} onChange={setValue} onEnter={() => void save()} testId="add-text" />
      <div className={styles.line}>
        <span>{text.addKind}</span>
        <ChoiceMenu
          label={text.addKind}
          value={kind}
          options={(Object.keys(text.kinds) as MemoryKind[]).map((one) => ({ value: one, label: text.kinds[one] }))}
          onChange={setKind}
          testId="add-kind"
        />
      </div>
      <div className={styles.line}>
        <span>{text.hear}</span>
        <Segments
          label={text.hear}
          value={audience}
          options={[
            { value: "owner", label: text.hearChoices.owner },
            { value: "visitor", label: text.hearChoices.visitor },
          ]}
          onChange={setAudience}
          testId="add-hear"
        />
      </div>
    </Dialog>
  );
}
