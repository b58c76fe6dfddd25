import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { type ContextReport, commands, type MessageId, type Passage, type Source, type Spend, type Usage } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { toWireError } from "@/lib/errors";
import { formatCount, formatDuration, formatList, formatSpend } from "@/lib/format";
import { displayName } from "@/lib/model";
import { keys, useCatalogue } from "@/lib/query";
import { words } from "@/lib/words";
import { latest, noteText } from "./notes";
import { PromptDialog } from "./prompt-dialog";
import { SourceButton } from "./source";
import styles from "./why-panel.module.css";
import { Sent } from "./why-sent";

type WhyPanelProps = {
  message: MessageId | null;
  /** What that answer used, and what the whole session did. */
  spend: Spend | null;
  sum: Spend | null;
  onClose: () => void;
  onOpenSource: (source: Source) => void;
};

export function WhyPanel({ message, spend, sum, onClose, onOpenSource }: WhyPanelProps) {
  const id = message ?? "";
  const report = useQuery({ queryKey: keys.report(id), queryFn: () => commands.contextReport(id), enabled: message !== null });
  return (
    <div className={styles.panel} data-testid="why-panel">
      <header className={styles.header}>
        <h2>{words.why.title}</h2>
        <IconButton label={words.why.close} icon={X} onClick={onClose} />
      </header>
      {sum && sum.answers > 0 && (
        <p className={styles.soFar} data-testid="session-spend">
          <span>{words.why.soFar(sum.answers)}</span>
          <span title={apart(sum.usage)}>
            {words.chat.tokens(tokensOf(sum.usage))} · {formatSpend(sum)}
          </span>
        </p>
      )}
      <div className={styles.body}>
        {message === null ? (
          <Nothing title={words.why.none} text={words.why.noneText} />
        ) : report.isPending ? (
          <Skeleton lines={7} />
        ) : report.isError ? (
          <Notice tone="danger">
            <ErrorText error={toWireError(report.error)} />
          </Notice>
        ) : report.data === null ? (
          <Nothing title={words.why.noReport} text={words.why.noReportText} />
        ) : (
          <Report report={report.data} cost={spend} onOpenSource={onOpenSource} />
        )}
      </div>
    </div>
  );
}

function Nothing({ title, text }: { title: string; text: string }) {
  return (
    <div className={styles.nothing}>
      <p>{title}</p>
      <p>{text}</p>
    </div>
  );
}

const tokensOf = ({ input, output, cache_read, cache_write }: Usage) => input + output + cache_read + cache_write;

const apart = ({ input, output, cache_read, cache_write }: Usage) =>
  words.spend.apart(formatCount(input), formatCount(output), formatCount(cache_read), formatCount(cache_write));

type ReportProps = { report: ContextReport; cost: Spend | null; onOpenSource: (source: Source) => void };

function Report({ report, cost, onOpenSource }: ReportProps) {
  const catalogue = useCatalogue(false).data;
  const [promptShown, setPromptShown] = useState(false);
  const offline = report.model.provider === "offline";
  const notes = latest(report.notes ?? []);
  return (
    <>
      {notes.length > 0 && (
        <>
          <h3>{words.why.differently}</h3>
          <ul className={styles.notes} data-testid="why-notes">
            {notes.map((note) => (
              <li key={note.type + noteText(note, report.model, catalogue)}>{noteText(note, report.model, catalogue)}</li>
            ))}
          </ul>
        </>
      )}
      <h3>{words.why.recalled}</h3>
      {report.passages.length === 0 ? (
        <p className={styles.quiet}>{words.why.recalledNone}</p>
      ) : (
        <ol className={styles.passages}>
          {report.passages.map((passage, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a report never changes, and two passages may be the same
            <li key={at}>
              <Recalled number={at + 1} passage={passage} onOpen={() => onOpenSource(passage.source)} />
            </li>
          ))}
        </ol>
      )}
      <h3>{offline ? words.why.atHand : words.why.sent}</h3>
      {offline && <p className={styles.aside}>{words.why.nothingSent}</p>}
      <Sent report={report} />
      <h3>{words.why.went}</h3>
      <HowItWent report={report} cost={cost} name={displayName(catalogue, report.model)} />
      <Button className={styles.prompt} onClick={() => setPromptShown(true)} data-testid="show-prompt">
        {offline ? words.why.promptOffline : words.why.prompt}
      </Button>
      <PromptDialog open={promptShown} prompt={report.system_prompt} offline={offline} onClose={() => setPromptShown(false)} />
    </>
  );
}

function Recalled({ number, passage, onOpen }: { number: number; passage: Passage; onOpen: () => void }) {
  return (
    <SourceButton number={number} text={passage.text} source={passage.source} onOpen={onOpen} testId="passage">
      {passage.signals && passage.signals.length > 0 && (
        <span className={styles.source} data-testid="signals">
          {words.memory.because(formatList(passage.signals.map(({ kind, rank }) => words.memory.signal(words.memory.signals[kind], rank))))}
        </span>
      )}
      {passage.score !== null && <span className={styles.source}>{words.why.score(passage.score.toFixed(2))}</span>}
    </SourceButton>
  );
}

function HowItWent({ report, cost, name }: { report: ContextReport; cost: Spend | null; name: string }) {
  const { usage, stop_reason: ended } = report;
  const rows: [string, string | null][] = [
    [words.why.firstWord, report.first_token_ms === null ? null : formatDuration(report.first_token_ms)],
    [words.why.whole, report.total_ms === null ? null : formatDuration(report.total_ms)],
    [words.why.input, usage && formatCount(usage.input)],
    [words.why.output, usage && formatCount(usage.output)],
    [words.why.cached, usage && formatCount(usage.cache_read)],
    [words.why.cacheWritten, usage && formatCount(usage.cache_write)],
    [words.why.cost, cost && formatSpend(cost)],
    [words.why.ended, ended === null ? null : typeof ended === "string" ? words.why.stopReasons[ended] : ended.other],
    [words.why.model, name],
    [words.why.audience, report.audience === "owner" ? words.why.owner : words.why.visitor],
    [words.why.budget, report.model.provider === "offline" ? null : `${formatCount(report.budget_tokens)} ${words.why.tokens}`],
  ];
  return (
    <dl className={styles.list} data-testid="why-went">
      {rows.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd title={name === words.why.model ? report.model.id : undefined}>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
