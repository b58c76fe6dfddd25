import { Check, ChevronDown, Copy, type LucideIcon, RefreshCw, Waypoints } from "lucide-react";
import { type ComponentProps, memo, type RefObject, useRef, useState } from "react";
import type { Message, MessageId, ModelRef, Settings, Spend } from "@/bindings";
import { Button } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { Tip } from "@/kit/tip";
import type { DraftKey } from "@/lib/drafts";
import { formatCount, formatDayAndTime, formatSpend, formatTime } from "@/lib/format";
import { displayName } from "@/lib/model";
import { useCatalogue } from "@/lib/query";
import { words } from "@/lib/words";
import styles from "./answer.module.css";
import { AnswerBody } from "./answer-body";
import { Broken } from "./broken";
import { Claims } from "./claims";
import { useCopy } from "./copy";
import type { Doings } from "./doings";
import { ModelPicker } from "./model-picker";
import { More } from "./more";
import { notesOf } from "./notes";
import { Pager } from "./pager";
import { Countdown } from "./pause";
import { piecesOf } from "./pieces";
import { type Live, useGrowing, useSeen } from "./reply";

type AnswerProps = {
  message: Message;
  place: number;
  total: number;
  name: string;
  versions: MessageId[];
  spend: Spend | null;
  settings: Settings;
  last: boolean;
  flash: boolean;
  explained: boolean;
  busy: boolean;
  doings: Doings;
};

export const Answer = memo(function Answer(props: AnswerProps) {
  const { message, place, total, name, versions, settings, last, flash, explained, busy, doings } = props;
  const seen = useSeen(message.id);
  const catalogue = useCatalogue(false).data;
  const pieces = piecesOf(message, seen?.thoughts ?? []);
  const hasText = message.content.trim() !== "";
  const mark = statusMark(message);
  const body = useRef<HTMLDivElement>(null);
  return (
    <article
      className={styles.answer}
      aria-label={name}
      aria-posinset={place + 1}
      aria-setsize={total}
      tabIndex={-1}
      data-testid="message"
      data-message-id={message.id}
      data-role="assistant"
      data-status={message.failure ? "failed" : message.status}
      data-flash={flash || undefined}
      data-explained={explained || undefined}
    >
      {pieces.length > 0 && (
        <div className={styles.body} ref={body}>
          <Claims message={message} shown={settings.provenance_marks} onOpenSource={doings.openSource}>
            <AnswerBody key={message.id} id={message.id} pieces={pieces} live={false} growing={message.status !== "complete"} />
          </Claims>
        </div>
      )}
      {mark && (
        <p className={styles.mark}>
          {mark}
          {message.status === "interrupted" && (
            <Button look="quiet" small onClick={() => again(doings, message, null)} disabled={busy} data-testid="try-again">
              {words.chat.tryAgain}
            </Button>
          )}
        </p>
      )}
      {message.failure && <Broken failure={message.failure} answer={message} question={message.parent_id} busy={busy} doings={doings} />}
      <Notes texts={notesOf(message, seen?.notes ?? [], catalogue)} />
      {(hasText || versions.length > 1 || message.status === "stopped") && (
        <footer className={classNames(styles.actions, last && styles.always)}>
          <Actions {...props} hasText={hasText} body={body} />
          <Pager at={message.id} versions={versions} onShow={doings.showVersion} label={words.chat.versions} />
          <Meta
            {...props}
            answered={message.model && message.model.provider !== "offline" ? displayName(catalogue, message.model) : null}
          />
        </footer>
      )}
    </article>
  );
});

/** Another answer to what `message` answers. */
function again(doings: Doings, message: Message, model: ModelRef | null) {
  if (message.parent_id) doings.again(message.parent_id, model);
}

type ActionsProps = AnswerProps & { hasText: boolean; body: RefObject<HTMLElement | null> };

function Actions({ message, settings, hasText, body, busy, explained, doings }: ActionsProps) {
  const [copied, copy] = useCopy();
  const [picking, setPicking] = useState(false);
  return (
    <>
      {hasText && (
        <Act icon={copied ? Check : Copy} label={copied ? words.chat.copied : words.chat.copy} onClick={() => copy(message.content)} />
      )}
      <span className={styles.split}>
        <Act
          icon={RefreshCw}
          label={words.chat.again}
          title={words.chat.againHint}
          onClick={() => again(doings, message, null)}
          disabled={busy}
        />
        <ModelPicker
          open={picking}
          onOpenChange={setPicking}
          label={words.picker.againLabel}
          hint={words.picker.againHint}
          settings={settings}
          current={message.model}
          onChoose={(model) => again(doings, message, model)}
          onReset={null}
          onOpenSettings={doings.openSettings}
          trigger={
            <button
              type="button"
              className={classNames(styles.act, styles.with)}
              aria-label={words.chat.againWith}
              title={words.chat.againWith}
              disabled={busy}
              data-testid="again-with"
            >
              <ChevronDown size={13} strokeWidth={2} aria-hidden />
            </button>
          }
        />
      </span>
      {hasText && <Act icon={Waypoints} label={words.chat.why} onClick={() => doings.why(message.id)} aria-pressed={explained} />}
      <span className={styles.more}>
        <More message={message.id} text={message.content} body={body} busy={busy} doings={doings} />
      </span>
    </>
  );
}

/** Who answered, for how much, and when; the tokens apart on hover and focus, and always in the panel that it opens. */
function Meta({ message, spend, answered, doings }: AnswerProps & { answered: string | null }) {
  const usage = spend?.usage ?? message.usage;
  // Why it is free stands in the panel: here it has to fit beside the buttons.
  const cost = spend && (spend.dollars === 0 && spend.unpriced === 0 ? words.usage.free : formatSpend(spend));
  const time = <span title={formatDayAndTime(message.created_at)}>{formatTime(message.created_at)}</span>;
  const parts = [
    message.imported && words.chat.imported,
    answered && (
      <span className={styles.model} dir="auto" title={message.model?.id}>
        {answered}
      </span>
    ),
    usage && (
      <Tip text={words.spend.apart(...([usage.input, usage.output, usage.cache_read, usage.cache_write].map(formatCount) as Four))}>
        <button type="button" onClick={() => doings.why(message.id)} data-testid="spend">
          <span>{words.chat.tokens(usage.output)}</span>
          {cost && <span>{cost}</span>}
        </button>
      </Tip>
    ),
    time,
  ].filter(Boolean);
  return (
    <span className={styles.meta} data-testid="answer-meta">
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts have no other names than their places
        <span key={at}>{part}</span>
      ))}
    </span>
  );
}

type Four = [string, string, string, string];

function Notes({ texts }: { texts: string[] }) {
  if (texts.length === 0) return null;
  return (
    <ul className={styles.notes} aria-label={words.chat.notes.label} data-testid="notes">
      {texts.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

function statusMark(message: Message): string | null {
  if (message.failure) return null;
  const empty = message.content.trim() === "";
  if (message.status === "stopped") return empty ? words.chat.stoppedEmpty : words.chat.stopped;
  if (message.status === "interrupted") return words.chat.interrupted;
  if (message.status === "streaming") return words.chat.elsewhere;
  return null;
}

/** The answer that is arriving. */
export function GrowingAnswer({ at, live, name, onStop }: { at: DraftKey; live: Live; name: string; onStop: () => void }) {
  const catalogue = useCatalogue(false).data;
  const pieces = useGrowing(at);
  const { reply, notes, model, pause } = live;
  const last = pieces.at(-1);
  // Between two words there is no need to say that it is at work; before the first and after a look-up there is.
  const still = !last || (last.kind === "tool" && last.output !== null);
  return (
    <article
      className={styles.answer}
      aria-label={name}
      aria-busy="true"
      data-testid="message"
      data-message-id={reply ?? undefined}
      data-role="assistant"
      data-status="streaming"
    >
      {pieces.length > 0 && (
        <div className={styles.body}>
          <AnswerBody id={reply} pieces={pieces} live growing />
        </div>
      )}
      {pause ? (
        <Countdown pause={pause} onStop={onStop} />
      ) : (
        still && (
          <p className={styles.thinking} role="status" aria-label={words.chat.thinking(name)}>
            <i />
            <i />
            <i />
          </p>
        )
      )}
      <Notes texts={notesOf({ model, instead_of: null }, notes, catalogue)} />
    </article>
  );
}

type ActProps = ComponentProps<"button"> & { icon: LucideIcon; label: string };

function Act({ icon: Icon, label, ...rest }: ActProps) {
  return (
    <button type="button" className={styles.act} {...rest}>
      <Icon size={13.5} strokeWidth={1.9} aria-hidden />
      {label}
    </button>
  );
}
