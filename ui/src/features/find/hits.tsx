import { useLayoutEffect, useRef } from "react";
import type { Audience, FindHit, MessageId } from "@/bindings";
import { Button } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { formatDayAndTime } from "@/lib/format";
import { usePersona } from "@/lib/query";
import { words } from "@/lib/words";
import styles from "./hits.module.css";

const text = words.find;

type HitsProps = {
  hits: FindHit[];
  active: MessageId | null;
  audience: Audience;
  onOpen: (hit: FindHit) => void;
  /** Null: these are all. */
  onMore: (() => void) | null;
  busy: boolean;
};

// A snippet is cut out of the Markdown that a twin writes; its marks are no help in reading a line of it.
const marks = /\*{1,3}|`+|(?<=^|\s)(?:#{1,6}|>|[-|:]{3,}|\|)(?=\s|$)/g;
const readable = ({ role, snippet }: FindHit) =>
  role === "user" ? snippet : snippet.map((piece) => ({ ...piece, text: piece.text.replace(marks, "") }));

export function Hits({ hits, active, audience, onOpen, onMore, busy }: HitsProps) {
  const list = useRef<HTMLDivElement>(null);
  const twin = usePersona().data?.name ?? words.app.yourTwin;
  const me = audience === "owner" ? text.me : text.visitor;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what the keys have reached comes into view
  useLayoutEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);

  return (
    <>
      <div role="listbox" id="find-hits" aria-label={text.results} className={styles.hits} ref={list} tabIndex={-1}>
        {hits.map((hit) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus
          <div
            key={hit.message_id}
            role="option"
            id={`hit-${hit.message_id}`}
            tabIndex={-1}
            aria-selected={hit.message_id === active}
            className={classNames(styles.hit, hit.message_id === active && styles.active)}
            onClick={() => onOpen(hit)}
            data-testid="find-hit"
          >
            <p className={styles.head}>
              <b dir="auto">{hit.session_title || words.sessions.untitled}</b>
              {hit.archived && <em>{text.archived}</em>}
              <time dateTime={hit.created_at}>{formatDayAndTime(hit.created_at)}</time>
            </p>
            <p className={styles.snippet}>
              <span className={styles.who}>{hit.role === "user" ? me : twin}</span>
              <bdi>
                {readable(hit).map((piece, at) =>
                  // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text keep their places
                  piece.hit ? <mark key={at}>{piece.text}</mark> : <span key={at}>{piece.text}</span>,
                )}
              </bdi>
            </p>
          </div>
        ))}
      </div>
      {onMore && (
        <Button look="quiet" small className={styles.more} onClick={onMore} busy={busy} data-testid="find-more">
          {text.more}
        </Button>
      )}
    </>
  );
}
