import { useQueryClient } from "@tanstack/react-query";
import { ArrowDown } from "lucide-react";
import { memo, type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Audience, MemoryNotice, MessageId, SessionId, Settings } from "@/bindings";
import { Button } from "@/kit/button";
import type { DraftKey } from "@/lib/drafts";
import { dayGap, formatFullDay } from "@/lib/format";
import { useNotices } from "@/lib/query";
import { words } from "@/lib/words";
import { Answer, GrowingAnswer } from "./answer";
import { readBookmark, writeBookmark } from "./bookmark";
import { type Branch, countAbove, isHere, placeOf } from "./branch";
import { NoOtherAnswer, Unanswered } from "./broken";
import type { Doings } from "./doings";
import { Learned } from "./learned";
import { estimate, useList } from "./list";
import { PartsContext } from "./parts";
import { look } from "./path";
import { PendingQuestion, Question } from "./question";
import type { Live } from "./reply";
import { atEnd, type Hold } from "./scroll";
import styles from "./thread.module.css";

/** A message to show; `nonce` makes asking twice two requests, `words` are marked in it. */
export type Target = { message: MessageId; nonce: number; words?: string };

// Not in the component: each target is shown once, also where one leaves the conversation and comes back to it.
const revealed = new WeakSet<Target>();

type ThreadProps = {
  at: DraftKey;
  session: SessionId | null;
  branch: Branch;
  live: Live | null;
  busy: boolean;
  name: string;
  audience: Audience;
  settings: Settings;
  target: Target | null;
  explained: MessageId | null;
  /** What stands above the first message. */
  head: ReactNode;
  doings: Doings;
};

/** A conversation, drawn only near what is in view. One of these shows one conversation: give it the conversation's name as its key. */
export const Thread = memo(function Thread(props: ThreadProps) {
  const { session, branch, target } = props;
  // Of a reply to a question on another branch nothing is drawn below this one.
  const live = props.live && isHere(branch, props.live) ? props.live : null;
  const client = useQueryClient();
  const above = countAbove(branch, live);
  const count = above + (live?.asked ? 1 : 0) + (live ? 1 : 0);
  const [start] = useState(() => startOf(branch, session, target));

  const latest = useRef(branch);
  useLayoutEffect(() => {
    latest.current = branch;
  });
  const place = useRef<() => { index: number; top: number } | null>(() => null);
  const mark = useCallback(() => {
    if (!session) return;
    const held = place.current();
    const message = held && latest.current.known[held.index]?.message.id;
    if (!held) writeBookmark(session, null);
    else if (message) writeBookmark(session, { message, top: held.top });
  }, [session]);
  const list = useList(count, start, mark);
  place.current = list.place;
  useLayoutEffect(() => mark, [mark]);

  const { first, last } = list.range;
  useEffect(() => {
    if (session && above > 0 && branch.total > 0)
      look(client, session, { first: Math.min(first, above - 1), last: Math.min(last, above - 1) });
  }, [client, session, branch, above, first, last]);

  // What the person just asked or asked for again belongs in view, wherever they had scrolled to.
  const { toEnd } = list;
  // Who comes back to a reply that had begun before sees what they left.
  const started = props.live !== null;
  const before = useRef(started);
  useEffect(() => {
    if (started && !before.current) toEnd();
    before.current = started;
  }, [started, toEnd]);

  // A visitor is not shown what was remembered of what they said: that is the owner's.
  const notices = useNotices(props.audience === "owner" ? session : null).data ?? noNotices;
  const flash = useTarget(branch, target, list.reveal, list.box);
  const seen = useRef(count);
  if (list.below === null) seen.current = count;
  return (
    <section className={styles.thread} aria-label={words.thread.label}>
      <div
        className={styles.box}
        ref={list.box}
        onClickCapture={list.onClickCapture}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the conversation scrolls by keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={words.thread.label}
        data-testid="thread"
      >
        <div className={styles.column}>
          <PartsContext value={list.parts}>
            {list.drawn.map(({ index, space }) => (
              // By place and not by message: what shows one version becomes what shows the next, and keeps focus and place under the pointer.
              <Place key={index} index={index} space={space} there={index >= above || branch.known[index] !== undefined} item={list.item}>
                {index === 0 && props.head}
                <Item {...props} live={live} index={index} above={above} count={count} flash={flash} notices={notices} />
              </Place>
            ))}
          </PartsContext>
          <div data-space style={{ blockSize: list.rest }} />
        </div>
        <div className={styles.room} />
      </div>
      {list.below !== null && <Latest below={list.below} fresh={Math.max(0, count - seen.current)} onClick={toEnd} />}
    </section>
  );
});

function startOf(branch: Branch, session: SessionId | null, target: Target | null): Hold {
  const known = (message: MessageId) => {
    const index = placeOf(branch, message);
    return index !== null && branch.known[index] ? index : null;
  };
  const wanted = target && !revealed.has(target) ? known(target.message) : null;
  if (wanted !== null) return { to: "middle", index: wanted };
  const left = session === null ? null : readBookmark(session);
  const index = left && known(left.message);
  return left && index !== null ? { to: "item", index, top: left.top, detail: null, until: 0 } : atEnd;
}

type PlaceProps = { index: number; space: number; there: boolean; item: (element: HTMLElement | null) => void; children: ReactNode };

function Place({ index, space, there, item, children }: PlaceProps) {
  return (
    <>
      {space > 0 && <div data-space style={{ blockSize: space }} />}
      <div className={styles.item} ref={item} data-index={index} data-there={there || undefined}>
        {children}
      </div>
    </>
  );
}

const noNotices: MemoryNotice[] = [];

type ItemProps = ThreadProps & {
  index: number;
  above: number;
  count: number;
  flash: MessageId | null;
  notices: MemoryNotice[];
};

function Item({ index, above, count, flash, notices, ...thread }: ItemProps) {
  const { at, branch, live, busy, name, audience, settings, explained, doings } = thread;
  if (live && index === count - 1) return <GrowingAnswer at={at} live={live} name={name} onStop={doings.stop} />;
  if (live?.asked && index === above) return <PendingQuestion text={live.asked.text} files={live.asked.files} />;
  const known = branch.known[index];
  if (!known) return <Missing />;
  const { message, versions, spend } = known;
  const before = branch.known[index - 1]?.message;
  const gap = before ? dayGap(before.created_at, message.created_at) : null;
  const last = !live && index === above - 1;
  const notice = notices.find(({ message_id }) => message_id === message.id);
  const common = { message, place: index, total: count, versions, flash: flash === message.id, busy, doings };
  return (
    <>
      {gap && (
        <div className={styles.gap} title={formatFullDay(message.created_at)}>
          {gap}
        </div>
      )}
      {message.role === "user" ? (
        <Question {...common} audience={audience} sendKey={settings.send_key} />
      ) : (
        <Answer {...common} name={name} spend={spend} settings={settings} last={last} explained={explained === message.id} />
      )}
      {notice && <Learned notice={notice} onOpen={doings.openMemory} />}
      {last && message.role === "user" && <Unanswered question={message.id} busy={busy} doings={doings} />}
      {last && message.role === "assistant" && <NoOtherAnswer question={message.parent_id} busy={busy} doings={doings} />}
    </>
  );
}

/** The shape of a message that has not been read yet. */
const Missing = () => (
  <div className={styles.missing} style={{ blockSize: estimate }} aria-hidden data-testid="message-missing">
    <i />
    <i />
    <i />
  </div>
);

/** Shows `target` in the middle of the view, marks it for a moment, and gives it the focus unless somebody is writing. */
function useTarget(
  branch: Branch,
  target: Target | null,
  reveal: (index: number) => void,
  box: { current: HTMLElement | null },
): MessageId | null {
  const [flash, setFlash] = useState<Target | null>(null);
  const focused = useRef<Target | null>(null);
  const index = target && placeOf(branch, target.message);
  const place = index !== null && branch.known[index] ? index : null;
  const there = place !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each asking, as soon as the message is there
  useEffect(() => {
    if (!target || place === null || revealed.has(target)) return;
    revealed.add(target);
    reveal(place);
    setFlash(target);
  }, [target, there]);
  useEffect(() => {
    if (!flash) return;
    const timer = setTimeout(() => setFlash(null), 1900);
    return () => clearTimeout(timer);
  }, [flash]);
  useEffect(() => {
    if (!flash || focused.current === flash) return;
    const element = box.current?.querySelector<HTMLElement>(`[data-message-id="${CSS.escape(flash.message)}"]`);
    if (!element) return;
    focused.current = flash;
    if (!document.activeElement?.matches("input, textarea")) element.focus({ preventScroll: true });
  });
  return flash?.message ?? null;
}

type LatestProps = { below: number; fresh: number; onClick: () => void };

function Latest({ below, fresh, onClick }: LatestProps) {
  const label = fresh > 0 ? words.thread.latestNew(fresh) : below > 0 ? words.thread.latestBelow(below) : words.thread.latest;
  return (
    <Button
      small
      icon={ArrowDown}
      className={styles.latest}
      onClick={onClick}
      aria-label={label}
      title={label}
      data-testid="jump-to-latest"
    >
      {words.thread.latest}
      {(fresh > 0 || below > 0) && (
        <span className={styles.count} data-fresh={fresh > 0 || undefined}>
          {fresh > 0 ? words.thread.fresh(fresh) : words.thread.below(below)}
        </span>
      )}
    </Button>
  );
}
