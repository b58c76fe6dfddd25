import { ArrowUp, Paperclip, Square } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, type ReactNode, type RefObject, useLayoutEffect, useRef } from "react";
import type { WireError } from "@/bindings";
import { useWindowReady } from "@/host/window";
import { IconButton } from "@/kit/button";
import { CodeText } from "@/kit/code-text";
import { Notice } from "@/kit/notice";
import { Tip } from "@/kit/tip";
import { errorLook, errorText } from "@/lib/errors";
import { words } from "@/lib/words";
import styles from "./composer.module.css";

type ComposerProps = {
  field: RefObject<HTMLTextAreaElement | null>;
  name: string;
  text: string;
  /** A reply is being written in this session. */
  busy: boolean;
  /** The conversation is not known yet, so there is nothing to answer to. */
  waiting: boolean;
  error: WireError | null;
  /** How many files go along, and whether all of them have been read. */
  files: number;
  filesReady: boolean;
  /** What stands above the text. */
  tray: ReactNode;
  onFiles: (files: File[]) => void;
  onText: (text: string) => void;
  onSend: () => void;
  onStop: () => void;
};

export function Composer(props: ComposerProps) {
  const { field, name, text, busy, waiting, error, files, filesReady, tray, onFiles, onText, onSend, onStop } = props;
  useWindowReady();
  const picker = useRef<HTMLInputElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text, field]);

  const something = text.trim() !== "" || files > 0;
  const ready = something && filesReady && !busy && !waiting;

  const onPaste = (event: ClipboardEvent) => {
    const { files: pasted, types } = event.clipboardData;
    // A word processor gives a picture of the text beside the text: then it is the text that is meant.
    if (pasted.length === 0 || (types.includes("text/plain") && types.includes("text/html"))) return;
    event.preventDefault();
    onFiles([...pasted]);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // Enter that ends a composition (Japanese, Chinese, dead keys) is not a send; old WebKits say so only by the key code.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229) return;
    event.preventDefault();
    if (ready) onSend();
  };

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onSend();
      }}
    >
      {error && (
        <Notice tone="danger" icon={errorLook(error.code).icon} title={words.chat.notSent} role="alert" testId="send-error">
          <CodeText text={errorText(error)} />
        </Notice>
      )}
      <div className={styles.box}>
        {tray}
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={text}
          placeholder={words.chat.placeholder(name)}
          aria-label={words.chat.composer(name)}
          aria-describedby={busy || !filesReady ? "composer-busy" : undefined}
          data-testid="composer"
          onChange={(event) => onText(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <div className={styles.row}>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            tabIndex={-1}
            aria-label={words.attachment.add}
            data-testid="attach-input"
            onChange={(event) => {
              onFiles([...(event.target.files ?? [])]);
              // So that the same file can be chosen again after it was taken away.
              event.target.value = "";
              field.current?.focus();
            }}
          />
          <IconButton
            label={words.attachment.add}
            hint={words.attachment.addHint}
            icon={Paperclip}
            onClick={() => picker.current?.click()}
            data-testid="attach"
          />
          <span className={styles.reason} id="composer-busy">
            {busy ? words.chat.answering(name) : !filesReady && words.attachment.wait}
          </span>
          {ready && <kbd className={styles.key}>{words.chat.enter}</kbd>}
          {busy ? (
            <Tip text={words.chat.stopHint}>
              <button type="button" className={styles.send} aria-label={words.chat.stop} onClick={onStop} data-testid="stop">
                <Square size={12} fill="currentColor" strokeWidth={0} aria-hidden />
              </button>
            </Tip>
          ) : (
            <Tip text={words.chat.sendHint}>
              <button type="submit" className={styles.send} aria-label={words.chat.send} disabled={!ready} data-testid="send">
                <ArrowUp size={17} strokeWidth={2.2} aria-hidden />
              </button>
            </Tip>
          )}
        </div>
      </div>
    </form>
  );
}
