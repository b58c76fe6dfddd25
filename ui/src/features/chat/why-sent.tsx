import type { ContextReport, Part, PartKind } from "@/bindings";
import { formatCount } from "@/lib/format";
import { words } from "@/lib/words";
import styles from "./why-panel.module.css";

// Four shades are told apart at a glance; twelve kinds are not. What the persona is, what was read for it, what was remembered, what was said.
const groups: Record<PartKind, 0 | 1 | 2 | 3> = {
  identity: 0,
  facts: 0,
  summary: 0,
  style: 0,
  formatting: 0,
  now: 0,
  tools: 0,
  document: 1,
  attachment: 1,
  memory: 2,
  history: 3,
  question: 3,
};

/** Parts whose name says no more than their kind are shown by kind. */
const partName = (part: Part): string => (part.name && part.name !== part.kind ? part.name : words.why.partKinds[part.kind]);

export function Sent({ report }: { report: ContextReport }) {
  const parts = [...report.parts].sort((a, b) => groups[a.kind] - groups[b.kind]);
  const sent = parts.filter((part) => part.fate !== "omitted" && part.tokens > 0);
  // Neither a cache nor a limit means anything where no model read it.
  const offline = report.model.provider === "offline";
  const cacheable = offline ? 0 : sent.reduce((sum, part) => sum + (part.cacheable ? part.tokens : 0), 0);
  return (
    <>
      {sent.length > 0 && (
        <div className={styles.bar} role="img" aria-label={words.why.barLabel}>
          {sent.map((part, at) => (
            <i
              // biome-ignore lint/suspicious/noArrayIndexKey: a report never changes, and two parts may have one name
              key={at}
              data-group={groups[part.kind]}
              style={{ flexGrow: part.tokens }}
              title={`${partName(part)}: ${formatCount(part.tokens)}`}
            />
          ))}
        </div>
      )}
      <dl className={styles.list} data-testid="why-parts">
        {parts.map((part, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <div key={at} data-fate={part.fate} data-kind={part.kind}>
            <dt>
              <i data-group={groups[part.kind]} aria-hidden />
              <span title={partName(part)}>{partName(part)}</span>
              {part.fate !== "whole" && <em>{part.fate === "trimmed" ? words.why.trimmed : words.why.omitted}</em>}
            </dt>
            <dd>{formatCount(part.tokens)}</dd>
          </div>
        ))}
        <div className={styles.total}>
          <dt>{words.why.total}</dt>
          <dd>{formatCount(report.estimated_tokens)}</dd>
        </div>
        {cacheable > 0 && (
          <div>
            <dt>{words.why.cacheable}</dt>
            <dd>{formatCount(cacheable)}</dd>
          </div>
        )}
      </dl>
      {report.estimate_method && !offline && <p className={styles.quiet}>{words.why.estimate(report.estimate_method)}</p>}
    </>
  );
}
