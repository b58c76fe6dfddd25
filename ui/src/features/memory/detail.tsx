import { useQueryClient } from "@tanstack/react-query";
import { Pin, X } from "lucide-react";
import { useState } from "react";
import { commands, type EvidenceView, type MemoryDetail, type MemoryId, type PersonId } from "@/bindings";
import { IconButton } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Segments } from "@/kit/segments";
import { Skeleton } from "@/kit/skeleton";
import { toWireError } from "@/lib/errors";
import { formatCount, formatShortDay } from "@/lib/format";
import { changeMemory } from "@/lib/memory";
import { useMemory } from "@/lib/query";
import { words } from "@/lib/words";
import { Acts } from "./acts";
import { Contradiction } from "./contradiction";
import styles from "./detail.module.css";
import { Source } from "./evidence";
import { ForgetMemory } from "./forget-memory";
import { whenText } from "./text";

const text = words.memory;

export type DetailProps = {
  onClose: () => void;
  onOpen: (id: MemoryId) => void;
  onOpenPerson: (id: PersonId) => void;
  /** Opens the message or the line of the file. */
  onOpenSource: (view: EvidenceView, memory: MemoryDetail["memory"]) => void;
  onForgotten: () => void;
};

/** One memory with all that there is to know of it. */
export function Detail({ id, ...props }: DetailProps & { id: MemoryId }) {
  const detail = useMemory(id);
  // As it was: the receipt stays when the memory is no longer there.
  const [forgetting, setForgetting] = useState<MemoryDetail | null>(null);
  // What was forgotten meanwhile is not shown on; what could not be read again is.
  const gone = detail.isError && toWireError(detail.error).code === "not_found";
  const known = gone ? undefined : detail.data;
  return (
    <div className={styles.panel} data-testid="memory-detail">
      <header className={styles.header}>
        <h2>{known ? text.kinds[known.memory.kind] : text.title}</h2>
        {known && <PinButton memory={known.memory} />}
        <IconButton label={text.close} icon={X} onClick={props.onClose} data-testid="memory-close" />
      </header>
      <div className={styles.body}>
        {known ? (
          <Known key={id} detail={known} onForget={() => setForgetting(known)} {...props} />
        ) : gone && forgetting ? null : detail.isError ? ( // the receipt says it
          <Notice tone="danger" role="alert" title={text.failed}>
            <ErrorText error={toWireError(detail.error)} />
          </Notice>
        ) : (
          <Skeleton lines={7} />
        )}
      </div>
      {forgetting && <ForgetMemory detail={forgetting} onClose={() => setForgetting(null)} onForgotten={props.onForgotten} />}
    </div>
  );
}

function PinButton({ memory: { id, pinned } }: Pick<MemoryDetail, "memory">) {
  const client = useQueryClient();
  return (
    <IconButton
      label={pinned ? text.unpin : text.pin}
      icon={Pin}
      aria-pressed={pinned}
      onClick={() => void changeMemory(client, () => commands.memoryPin(id, !pinned))}
      data-testid="memory-pin"
    />
  );
}

function Known({ detail, onForget, ...props }: DetailProps & { detail: MemoryDetail; onForget: () => void }) {
  const client = useQueryClient();
  const { memory, contradicts, people, used, used_at } = detail;
  return (
    <>
      <p className={styles.text} dir="auto" data-testid="memory-text">
        {memory.text}
      </p>
      <p className={styles.quiet}>{whenText(memory)}</p>
      {memory.ending && (
        <p className={styles.ended} data-testid="memory-ended">
          {text.endings[memory.ending.type]}
        </p>
      )}
      {contradicts.length > 0 && <Contradiction memory={memory} others={contradicts} />}
      <h3>{text.cameToBe}</h3>
      <History detail={detail} {...props} />
      <h3>{text.hear}</h3>
      {memory.teller === "visitor" ? (
        <p className={styles.quiet}>{text.hearVisitor}</p>
      ) : (
        <Segments
          label={text.hear}
          value={memory.audience}
          testId="memory-hear"
          options={[
            { value: "owner", label: text.hearChoices.owner },
            { value: "visitor", label: text.hearChoices.visitor },
          ]}
          onChange={(audience) => void changeMemory(client, () => commands.memoryShare(memory.id, audience))}
        />
      )}
      {people.length > 0 && (
        <>
          <h3>{text.about}</h3>
          <div className={styles.people}>
            {people.map(({ id, name }) => (
              <button key={id} type="button" dir="auto" onClick={() => props.onOpenPerson(id)} data-testid="memory-person">
                {name}
              </button>
            ))}
          </div>
        </>
      )}
      <h3>{text.usedIn}</h3>
      <dl className={styles.used} data-testid="memory-used">
        <dt>{text.usedAnswers}</dt>
        <dd>{used > 0 ? formatCount(used) : text.never}</dd>
        {used_at && (
          <>
            <dt>{text.usedLast}</dt>
            <dd>{formatShortDay(used_at)}</dd>
          </>
        )}
      </dl>
      <Acts detail={detail} onForget={onForget} {...props} />
    </>
  );
}

/** What became of it over time, the newest first. */
function History({ detail, onOpen, onOpenSource }: DetailProps & { detail: MemoryDetail }) {
  return (
    <ol className={styles.history} data-testid="memory-history">
      {detail.history.map(({ memory, sources }) => (
        <li key={memory.id} data-holds={memory.ended_at === null || undefined}>
          {memory.id === detail.memory.id ? (
            <p className={styles.version} dir="auto">
              {memory.text}
            </p>
          ) : (
            <button type="button" className={styles.version} dir="auto" onClick={() => onOpen(memory.id)}>
              {memory.text}
            </button>
          )}
          <p className={styles.quiet}>
            {whenText(memory)}
            {memory.ending && memory.id !== detail.memory.id ? ` · ${text.endings[memory.ending.type]}` : ""}
          </p>
          {sources.map((view, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: sources are only ever added at the end
            <Source key={at} view={view} onOpen={(one) => onOpenSource(one, memory)} />
          ))}
        </li>
      ))}
    </ol>
  );
}
