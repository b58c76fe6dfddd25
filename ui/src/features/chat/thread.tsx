import { ArrowDown } from "lucide-react";
import { Fragment, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Audience, Failure, Message, MessageId } from "@/bindings";
import { Button } from "@/kit/button";
import { dayGap, formatFullDay } from "@/lib/format";
import { words } from "@/lib/words";
import { FailureCard } from "./failure-card";
import { Answer, GrowingAnswer, PendingQuestion, Question } from "./message";
import { type Live, useFailed } from "./reply";
import { useFollowEnd } from "./scroll";
import styles from "./thread.module.css";
import { versions } from "./tree";

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
  target: Target | null;
  explained: MessageId | null;
  onShowVersion: (message: MessageId) => void;
  onAgain: (question: MessageId) => void;
  onWhy: (message: MessageId) => void;
  onOpenSettings: () => void;
  onOpenPersona: () => void;
};

export function Thread(props: ThreadProps) {
  const { at, path, messages, live, busy, name, audience, target, explained } = props;
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

  const last = path.at(-1);
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
            const all = versions(messages, message);
            const pager = {
              index: all.findIndex((one) => one.id === message.id),
              total: all.length,
              onShow: (to: number) => {
                const chosen = all[to];
                if (chosen) props.onShowVersion(chosen.id);
              },
            };
            const again = message.parent_id;
            return (
              <Fragment key={message.id}>
                {gap && (
                  <div className={styles.gap} title={formatFullDay(message.created_at)}>
                    {gap}
                  </div>
                )}
                {message.role === "user" ? (
                  <Question message={message} audience={audience} versions={pager} flash={flash === message.id} />
                ) : (
                  <Answer
                    message={message}
                    name={name}
                    versions={pager}
                    last={message.id === last?.id && !live}
                    flash={flash === message.id}
                    explained={explained === message.id}
                    busy={busy}
                    onAgain={() => again && props.onAgain(again)}
                    onWhy={() => props.onWhy(message.id)}
                    failure={
                      message.failure && (
                        <FailureCard
                          failure={message.failure}
                          onAgain={again && !busy ? () => props.onAgain(again) : null}
                          onOpenSettings={props.onOpenSettings}
                          onOpenPersona={props.onOpenPersona}
                        />
                      )
                    }
                  />
                )}
              </Fragment>
            );
          })}
          {live?.asked && <PendingQuestion text={live.asked} />}
          {live && <GrowingAnswer id={live.reply} text={live.text} name={name} />}
          {!live && last?.role === "user" && <Unanswered message={last} {...props} />}
          {!live && last?.role === "assistant" && last.parent_id && <NoOtherAnswer question={last.parent_id} {...props} />}
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

/** Asked again, and nothing came: the answer from before stays, and why there is no other is said below it. */
function NoOtherAnswer({ question, onAgain, onOpenSettings, onOpenPersona }: Omit<UnansweredProps, "message"> & { question: MessageId }) {
  const failure = useFailed(question);
  if (!failure) return null;
  const again = () => onAgain(question);
  return <FailureCard failure={failure} onAgain={again} onOpenSettings={onOpenSettings} onOpenPersona={onOpenPersona} />;
}

type UnansweredProps = Pick<ThreadProps, "onAgain" | "onOpenSettings" | "onOpenPersona"> & { message: Message };

function Unanswered({ message, onAgain, onOpenSettings, onOpenPersona }: UnansweredProps) {
  const failure: Failure | null = useFailed(message.id);
  const again = () => onAgain(message.id);
  if (failure) return <FailureCard failure={failure} onAgain={again} onOpenSettings={onOpenSettings} onOpenPersona={onOpenPersona} />;
  return (
    <p className={styles.unanswered} data-testid="no-answer">
      {words.chat.noAnswer} ·
      <Button look="quiet" small onClick={again} data-testid="try-again">
        {words.chat.tryAgain}
      </Button>
    </p>
  );
}
