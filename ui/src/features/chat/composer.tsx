import { ArrowUp, Square } from "lucide-react";
import { type KeyboardEvent, type RefObject, useLayoutEffect } from "react";
import type { WireError } from "@/bindings";
import { useWindowReady } from "@/host/window";
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
  onText: (text: string) => void;
  onSend: () => void;
  onStop: () => void;
};

export function Composer({ field, name, text, busy, waiting, error, onText, onSend, onStop }: ComposerProps) {
  useWindowReady();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text, field]);

  const ready = text.trim() !== "" && !busy && !waiting;

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
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={text}
          placeholder={words.chat.placeholder(name)}
          aria-label={words.chat.composer(name)}
          aria-describedby={busy ? "composer-busy" : undefined}
          data-testid="composer"
          onChange={(event) => onText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <div className={styles.row}>
          <span className={styles.reason} id="composer-busy">
            {busy && words.chat.answering(name)}
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
