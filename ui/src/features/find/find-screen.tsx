import { Search, SearchX, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from "react";
import type { Audience, FindHit, FindQuery } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Bar } from "@/kit/screen";
import { SearchField } from "@/kit/search-field";
import { Skeleton } from "@/kit/skeleton";
import { errorLook, toWireError } from "@/lib/errors";
import { useFrame } from "@/lib/frame";
import { isComposing } from "@/lib/keys";
import { useFound, useSessions } from "@/lib/query";
import { spanOf } from "@/lib/time-span";
import { words } from "@/lib/words";
import { Filters } from "./filters";
import styles from "./find-screen.module.css";
import { Hits } from "./hits";
import { filtered, noFilters, page, useFinding, writeFind } from "./state";

const text = words.find;

type FindScreenProps = {
  lead: ReactNode;
  audience: Audience;
  /** `words`: to be marked in the message. */
  onOpen: (hit: FindHit, words: string) => void;
  onBack: () => void;
};

export default function FindScreen({ lead, audience, onOpen, onBack }: FindScreenProps) {
  const finding = useFinding();
  const sessions = useSessions(audience).data ?? [];
  const field = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  // The chat that was chosen may be one of the other audience's, or gone.
  const session = sessions.find((one) => one.id === finding.session) ?? null;

  const asked = useMemo<FindQuery>(() => {
    const { text: typed, role, order, limit, time, from, to } = finding;
    const span = spanOf({ time, from, to }, new Date());
    return { text: typed.trim(), audience, session: session?.id ?? null, role, ...span, order, limit };
  }, [finding, audience, session?.id]);
  const query = useFrame(asked);
  const wanted = asked.text !== "";
  const found = useFound(query, query.text !== "");
  const hits = wanted ? (found.data?.hits ?? []) : [];
  const place = Math.max(
    0,
    hits.findIndex((hit) => hit.message_id === finding.at),
  );

  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  const open = (hit: FindHit) => {
    writeFind({ at: hit.message_id });
    onOpen(hit, finding.text.trim());
  };
  // Enter is meant for what was typed: it waits until there is an answer to that.
  const settled = query === asked && found.data !== undefined && !found.isPlaceholderData;
  const entered = useRef<FindQuery | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each answer
  useEffect(() => {
    if (!settled) return;
    const hit = entered.current === asked && hits[place];
    entered.current = null;
    if (hit) open(hit);
  }, [settled, asked]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent) || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, PageDown: place + 6, PageUp: place - 6 }[event.key];
    const hit = settled && hits[place];
    if (to !== undefined) {
      const next = hits[Math.max(0, Math.min(hits.length - 1, to))];
      if (next) writeFind({ at: next.message_id });
    } else if (event.key !== "Enter") return;
    else if (hit) open(hit);
    else entered.current = asked;
    event.preventDefault();
  };

  return (
    <main
      className={styles.screen}
      aria-label={text.title}
      // Wherever in it one has clicked, Esc leads back.
      tabIndex={-1}
      data-testid="find-screen"
      onKeyDown={(event) => {
        // A menu or a list of choices that Esc closes has had its turn first.
        if (event.key !== "Escape" || event.defaultPrevented || isComposing(event.nativeEvent)) return;
        event.preventDefault();
        onBack();
      }}
    >
      <Bar lead={lead}>
        <h1 className="visually-hidden">{text.title}</h1>
        <SearchField
          label={text.title}
          large
          className={styles.search}
          ref={field}
          value={finding.text}
          placeholder={text.placeholder}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={hits.length > 0}
          aria-controls={hits.length > 0 ? "find-hits" : undefined}
          aria-activedescendant={hits[place] ? `hit-${hits[place].message_id}` : undefined}
          onChange={(event) => {
            writeFind({ text: event.target.value });
            if (box.current) box.current.scrollTop = 0;
          }}
          onKeyDown={onKeyDown}
          data-testid="find-field"
        />
        <IconButton label={words.find.close} icon={X} onClick={onBack} data-testid="find-close" />
      </Bar>
      <Filters finding={finding} session={session} sessions={sessions} audience={audience}>
        <p role="status" className={styles.count} data-testid="find-status">
          {hits.length > 0 && found.data ? text.found(hits.length, found.data.more) : ""}
        </p>
      </Filters>
      <div className={styles.box} ref={box}>
        <div className={styles.column}>
          {!wanted ? (
            <State icon={Search} title={text.start} text={text.startText} />
          ) : found.isError ? (
            <Notice
              tone="danger"
              role="alert"
              icon={errorLook(toWireError(found.error).code).icon}
              title={text.failed}
              testId="find-error"
              actions={
                <Button small onClick={() => void found.refetch()}>
                  {words.problem.again}
                </Button>
              }
            >
              <ErrorText error={toWireError(found.error)} />
            </Notice>
          ) : !found.data ? (
            <Skeleton lines={6} />
          ) : hits.length === 0 ? (
            <State
              icon={SearchX}
              title={text.none(query.text)}
              text={filtered(finding) ? text.noneFiltered : text.noneText}
              testId="find-none"
              action={filtered(finding) && <Button onClick={() => writeFind(noFilters)}>{text.clearFilters}</Button>}
            />
          ) : (
            <Hits
              hits={hits}
              active={hits[place]?.message_id ?? null}
              audience={audience}
              onOpen={open}
              onMore={found.data.more ? () => writeFind({ limit: finding.limit + page }) : null}
              busy={found.isPlaceholderData}
            />
          )}
        </div>
      </div>
    </main>
  );
}

type StateProps = { icon: typeof Search; title: string; text: string; testId?: string; action?: ReactNode };

function State({ icon: Icon, title, text: more, testId, action }: StateProps) {
  return (
    <div className={styles.state} data-testid={testId}>
      <Icon size={28} strokeWidth={1.5} aria-hidden />
      <h2>{title}</h2>
      <p>{more}</p>
      {action}
    </div>
  );
}
