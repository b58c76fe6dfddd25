import { ArrowDown } from "lucide-react";
import { Fragment, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Audience, Message, MessageId, SessionUsage, Settings } from "@/bindings";
import { Button } from "@/kit/button";
import { dayGap, formatFullDay } from "@/lib/format";
import { words } from "@/lib/words";
import { Answer, GrowingAnswer } from "./answer";
import { NoOtherAnswer, Unanswered } from "./broken";
import { type Doings, useStable } from "./doings";
import { PendingQuestion, Question } from "./question";
import type { Live } from "./reply";
import { useFollowEnd } from "./scroll";
import styles from "./thread.module.css";
import { type MessageVersions, versions } from "./tree";

const page = 50;

export type Target = { message: MessageId; nonce: number };

type ThreadProps = {
  at: string;
  path: Message[];
  messages: Message[];
  live: Live | null;
  busy: boolean;
  name: string;
  audience: Audience;
  settings: Settings;
  usage: SessionUsage | undefined;
  target: Target | null;
  explained: MessageId | null;
  doings: Doings;
};

export function Thread(props: ThreadProps) {
  const { at, path, messages, live, busy, name, audience, settings, usage, target, explained } = props;
  const doings = useStable(props.doings);
  const { box, content, away, toEnd, letGo, onScroll } = useFollowEnd(at);
  const [shown, setShown] = useState(page);
  const [flash, setFlash] = useState<MessageId | null>(null);
  const heightBefore = useRef<number | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation starts with its last page
  useEffect(() => setShown(page), [at]);

  // What the person just asked or asked for again belongs in view, wherever they had scrolled to.
  const started = live !== null;
  useEffect(() => {
    if (started) toEnd();
  }, [started, toEnd]);

  const hidden = Math.max(0, path.length - shown);
  const visible = path.slice(hidden);

  const showEarlier = () => {
    heightBefore.current = box.current?.scrollHeight ?? null;
    setShown((count) => count + page);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs exactly when an earlier page has been put above
  useLayoutEffect(() => {
    if (heightBefore.current === null || !box.current) return;
    box.current.scrollTop += box.current.scrollHeight - heightBefore.current;
    heightBefore.current = null;
  }, [shown]);

  const place = target ? path.findIndex((message) => message.id === target.message) : -1;
  useEffect(() => {
    if (!target || place < 0) return;
    if (place < hidden) {
      setShown(path.length - place + 10);
      return;
    }
    const element = box.current?.querySelector(`[data-message-id="${CSS.escape(target.message)}"]`);
    if (!element) return;
    letGo();
    element.scrollIntoView({ block: "center" });
    setFlash(target.message);
    const timer = setTimeout(() => setFlash(null), 1900);
    return () => clearTimeout(timer);
  }, [target, place, hidden, path.length, box, letGo]);

  const kept = useKeptVersions();
  const last = path.at(-1);
  const asked = (message: Message) => path.find((one) => one.id === message.parent_id);
  return (
    <section className={styles.thread} aria-label={words.chat.thread}>
      <div
        className={styles.box}
        ref={box}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the conversation scrolls by keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={words.chat.thread}
        data-testid="thread"
      >
        <div className={styles.column} ref={content}>
          {hidden > 0 && (
            <Button look="quiet" small className={styles.earlier} onClick={showEarlier}>
              {words.chat.earlier}
            </Button>
          )}
          {visible.map((message, index) => {
            const before = path[hidden + index - 1];
            const gap = before ? dayGap(before.created_at, message.created_at) : null;
            const all = kept(message.id, versions(messages, message));
            return (
              <Fragment key={message.id}>
                {gap && (
                  <div className={styles.gap} title={formatFullDay(message.created_at)}>
                    {gap}
                  </div>
                )}
                {message.role === "user" ? (
                  <Question message={message} audience={audience} versions={all} flash={flash === message.id} doings={doings} />
                ) : (
                  <Answer
                    message={message}
                    question={asked(message)}
                    name={name}
                    versions={all}
                    spend={usage?.messages.find((one) => one.message_id === message.id)}
                    settings={settings}
                    last={message.id === last?.id && !live}
                    flash={flash === message.id}
                    explained={explained === message.id}
                    busy={busy}
                    doings={doings}
                  />
                )}
              </Fragment>
            );
          })}
          {live?.asked && <PendingQuestion text={live.asked.text} files={live.asked.files} />}
          {live && <GrowingAnswer live={live} name={name} onStop={doings.stop} />}
          {!live && last?.role === "user" && <Unanswered question={last} busy={busy} doings={doings} />}
          {!live && last?.role === "assistant" && <NoOtherAnswer question={asked(last)} busy={busy} doings={doings} />}
        </div>
      </div>
      {away && (
        <Button small icon={ArrowDown} className={styles.latest} onClick={toEnd} data-testid="jump-to-latest">
          {words.chat.latest}
        </Button>
      )}
    </section>
  );
}

/** The same list for as long as it says the same, so that what it is handed to is not drawn again. */
function useKeptVersions(): (message: MessageId, now: MessageVersions) => MessageVersions {
  const before = useRef(new Map<MessageId, MessageVersions>());
  return (message, now) => {
    const known = before.current.get(message);
    if (known?.join() === now.join()) return known;
    before.current.set(message, now);
    return now;
  };
}
