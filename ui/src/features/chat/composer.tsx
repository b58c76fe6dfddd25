import { ArrowUp, Paperclip, Square } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import type { ModelRef, SendKey, SessionId, WireError } from "@/bindings";
import { typeText } from "@/host/type-text";
import { useWindowReady } from "@/host/window";
import { IconButton } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Tip } from "@/kit/tip";
import { type DraftKey, isTemporary } from "@/lib/drafts";
import { errorLook } from "@/lib/errors";
import { holdsMod, isComposing, isMac } from "@/lib/keys";
import { entryOf } from "@/lib/model";
import { useCatalogue } from "@/lib/query";
import { useKeysShown } from "@/lib/shortcut";
import { words } from "@/lib/words";
import { AsOfMenu, AsOfNote } from "./as-of";
import { attach, dismissLost, dismissRefused, recover, takeAway, useTray } from "./attachments";
import styles from "./composer.module.css";
import { useEarlier } from "./earlier";
import { PastedOffer, usePasted } from "./pasted";
import { Tray, TrayTroubles } from "./tray";

export type ComposerProps = {
  field: RefObject<HTMLTextAreaElement | null>;
  at: DraftKey;
  session: SessionId | null;
  name: string;
  text: string;
  /** Who is to answer: it matters to the files. */
  model: ModelRef | null;
  sendKey: SendKey;
  /** A reply is being written in this session. */
  busy: boolean;
  /** The conversation is not known yet, so there is nothing to answer to. */
  waiting: boolean;
  error: WireError | null;
  onText: (text: string) => void;
  onSend: () => void;
  onStop: () => void;
};

/** From here on one may wonder how long it has become. */
const long = 4000;

const sendKeys = (key: SendKey) =>
  key === "enter" ? words.composer.enter : isMac ? words.composer.commandEnter : words.composer.ctrlEnter;

export function Composer(props: ComposerProps) {
  const { field, at, session, name, text, model, sendKey, busy, waiting, error, onText, onSend, onStop } = props;
  useWindowReady();
  const picker = useRef<HTMLInputElement>(null);
  const stopKeys = useKeysShown("stop");
  const tray = useTray(at);
  // Only with a file in hand does it matter what the model takes.
  const catalogue = useCatalogue(tray.files.length > 0).data;
  const pasted = usePasted(at, field, text);
  const earlier = useEarlier(session, text, onText);
  useHeight(field, text);
  useEffect(() => recover(at), [at]);

  const filesReady = tray.files.every((file) => file.staged);
  const something = text.trim() !== "" || tray.files.length > 0;
  const ready = something && filesReady && !busy && !waiting;
  const reason = busy
    ? words.composer.answering(name, stopKeys)
    : !filesReady
      ? words.composer.filesWait
      : waiting && something
        ? words.composer.conversationWait
        : earlier.place !== null
          ? words.composer.earlier(earlier.place)
          : text.length > long && words.composer.characters(text.length);

  const onPaste = (event: ClipboardEvent) => {
    const { files, types } = event.clipboardData;
    // A word processor gives a picture of the text beside the text: then it is the text that is meant.
    if (files.length === 0 || (types.includes("text/plain") && types.includes("text/html"))) return;
    event.preventDefault();
    attach(at, files);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event.nativeEvent)) return;
    const { key, shiftKey, altKey, currentTarget: element } = event;
    const mod = holdsMod(event);
    if (key === "Enter" && !shiftKey && !altKey) {
      if (mod === (sendKey === "ctrl_enter")) {
        if (ready) onSend();
        // Enter that cannot send does not begin a line either: it would do one thing now and another in a moment.
      } else if (mod) typeText(element, "\n");
      else return;
      event.preventDefault();
      return;
    }
    const plain = !shiftKey && !altKey && !mod;
    const atEnd = element.selectionStart === element.value.length && element.selectionEnd === element.value.length;
    const taken =
      (key === "ArrowUp" && plain && atEnd && earlier.up()) ||
      (key === "ArrowDown" && plain && atEnd && earlier.down()) ||
      (key === "Escape" && earlier.giveUp());
    if (taken) event.preventDefault();
  };

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onSend();
      }}
    >
      <TrayTroubles
        refused={tray.refused}
        lost={tray.lost}
        onDismiss={(key) => dismissRefused(at, key)}
        onBack={(key, back) => {
          dismissRefused(at, key);
          pasted.putBack(back);
        }}
        onDismissLost={() => dismissLost(at)}
      />
      {error && (
        <Notice tone="danger" icon={errorLook(error.code).icon} title={words.composer.notSent} role="alert" testId="send-error">
          <ErrorText error={error} />
        </Notice>
      )}
      <div className={classNames(styles.box, isTemporary(at) && styles.temporary)}>
        <AsOfNote at={at} />
        <Tray
          files={tray.files}
          model={model}
          entry={model ? entryOf(catalogue, model) : undefined}
          onRemove={(file) => {
            takeAway(at, file);
            field.current?.focus();
          }}
          onBack={(file, back) => {
            takeAway(at, file);
            pasted.putBack(back);
          }}
        />
        {pasted.offer !== null && <PastedOffer text={pasted.offer} onAttach={pasted.attach} onKeep={pasted.keep} />}
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={text}
          placeholder={words.composer.placeholder(name)}
          aria-label={words.composer.label(name)}
          aria-describedby={reason ? "composer-reason" : undefined}
          aria-keyshortcuts={sendKey === "enter" ? "Enter" : "Control+Enter"}
          data-testid="composer"
          onChange={(event) => {
            const { inputType } = event.nativeEvent as InputEvent;
            onText(event.target.value);
            pasted.changed(text, event.target.value, inputType ?? "");
          }}
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
              attach(at, event.target.files ?? []);
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
          <AsOfMenu at={at} />
          <span className={styles.reason} id="composer-reason">
            {reason}
          </span>
          {ready && <kbd className={styles.key}>{sendKeys(sendKey)}</kbd>}
          {busy ? (
            <Tip text={words.shortcuts.hint(words.composer.stop, stopKeys)}>
              <button type="button" className={styles.send} aria-label={words.composer.stop} onClick={onStop} data-testid="stop">
                <Square size={12} fill="currentColor" strokeWidth={0} aria-hidden />
              </button>
            </Tip>
          ) : (
            <Tip text={words.composer.sendHint(sendKeys(sendKey))}>
              <button type="submit" className={styles.send} aria-label={words.composer.send} disabled={!ready} data-testid="send">
                <ArrowUp size={17} strokeWidth={2.2} aria-hidden />
              </button>
            </Tip>
          )}
        </div>
      </div>
    </form>
  );
}

/** As high as the text, up to what the style allows. Measured again only where it may have changed: each time costs a layout. */
function useHeight(field: RefObject<HTMLTextAreaElement | null>, text: string) {
  const before = useRef(0);
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    // One sign more, as typing goes, never makes it lower.
    const typed = text.length === before.current + 1;
    before.current = text.length;
    adapt(element, !typed);
  }, [text, field]);
  useEffect(() => {
    const element = field.current;
    if (!element) return;
    let width = element.clientWidth;
    const watch = new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth;
      adapt(element, true);
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [field]);
}

function adapt(element: HTMLTextAreaElement, mayShrink: boolean) {
  const { form } = element;
  // Measured without the form becoming lower: for that moment the conversation above it would be taller, and lose its place.
  if (mayShrink && form) form.style.minHeight = `${form.offsetHeight}px`;
  if (mayShrink) element.style.height = "auto";
  if (mayShrink || element.scrollHeight > element.clientHeight) element.style.height = `${element.scrollHeight}px`;
  if (mayShrink && form) form.style.minHeight = "";
}
