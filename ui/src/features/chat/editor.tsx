import { X } from "lucide-react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Message, SendKey } from "@/bindings";
import { Button } from "@/kit/button";
import { errorText, toWireError } from "@/lib/errors";
import { holdsMod, isComposing } from "@/lib/keys";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import type { Doings } from "./doings";
import { dropEdit, type Edit, isChanged, keptFiles, putEdit } from "./edit";
import styles from "./editor.module.css";
import { fileIcon } from "./file-icon";

type EditorProps = { message: Message; edit: Edit; busy: boolean; sendKey: SendKey; doings: Doings; focus: boolean; onDone: () => void };

/** A message of one's own as a field. What is sent becomes another version; the old one stays. */
export function Editor({ message, edit, busy, sendKey, doings, focus, onDone }: EditorProps) {
  const [sending, setSending] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const files = keptFiles(message, edit);
  const ready = !busy && !sending && (edit.text.trim() !== "" || files.length > 0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.blockSize = "auto";
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [edit.text]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when it is opened, not when it is scrolled back into view
  useEffect(() => {
    const element = focus ? field.current : null;
    element?.focus({ preventScroll: true });
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);

  const send = () => {
    if (!ready) return;
    setSending(true);
    // Until it is stored, what was written stays in the field.
    doings
      .edit(message, edit.text.trim(), files)
      .then(() => dropEdit(message))
      .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }))
      .finally(() => setSending(false));
  };
  const cancel = () => {
    dropEdit(message);
    onDone();
    if (!isChanged(message, edit)) return;
    const resume = { label: words.thread.editor.resume, run: () => putEdit(message, edit) };
    showToast(words.thread.editor.discarded, { action: resume });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    const held = holdsMod(event);
    if (event.key === "Escape") cancel();
    else if (event.key === "Enter" && (held || (sendKey === "enter" && !event.shiftKey))) send();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <form
      className={styles.editor}
      aria-label={words.thread.editor.label}
      data-testid="editor"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {files.length > 0 && (
        <ul className={styles.files} aria-label={words.thread.editor.files}>
          {files.map((file) => {
            const Icon = fileIcon(file.media_type);
            return (
              <li key={file.id}>
                <Icon size={14} strokeWidth={1.7} aria-hidden />
                <span title={file.name}>{file.name}</span>
                <button
                  type="button"
                  aria-label={words.thread.editor.removeFile(file.name)}
                  title={words.thread.editor.removeFile(file.name)}
                  disabled={sending}
                  onClick={() => {
                    putEdit(message, { ...edit, without: [...edit.without, file.id] });
                    field.current?.focus();
                  }}
                >
                  <X size={13} strokeWidth={2} aria-hidden />
                </button>
              </li>
            );
          })}
        </ul>
      )}
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        value={edit.text}
        readOnly={sending}
        aria-label={words.thread.editor.label}
        data-testid="editor-text"
        onChange={(event) => putEdit(message, { ...edit, text: event.target.value })}
        onKeyDown={onKeyDown}
      />
      <div className={styles.row}>
        <span className={styles.hint}>{words.thread.editor.sendHint}</span>
        <Button small onClick={cancel} disabled={sending}>
          {words.thread.editor.cancel}
        </Button>
        <Button small look="primary" type="submit" busy={sending} disabled={!ready} data-testid="editor-send">
          {words.thread.editor.send}
        </Button>
      </div>
    </form>
  );
}
