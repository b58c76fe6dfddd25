import { useState } from "react";
import type { MemoryId, MemoryQuery } from "@/bindings";
import { classNames } from "@/kit/class-names";
import { Segments } from "@/kit/segments";
import { Skeleton } from "@/kit/skeleton";
import { formatTick } from "@/lib/format";
import { useMemories } from "@/lib/query";
import { words } from "@/lib/words";
import { type Axis, axisOf, type By, lanesOf, placeOf, type Scale, type Stretch, stretchOf, ticksOf } from "./axis";
import { goThrough } from "./list";
import screen from "./memory-screen.module.css";
import { ReadFailed } from "./results";
import { whenText } from "./text";
import styles from "./timeline.module.css";

const text = words.memory;

/** More bars are not looked at. */
const most = 300;

type TimelineProps = { query: MemoryQuery; chosen: MemoryId | null; onChoose: (id: MemoryId) => void };

/** What was true or known when, topic by topic: what replaced what is seen at a glance. */
export function Timeline({ query, chosen, onChoose }: TimelineProps) {
  const [by, setBy] = useState<By>("valid");
  const [scale, setScale] = useState<Scale>("year");
  const found = useMemories({ ...query, ended: true, limit: most });
  if (found.isError) return <ReadFailed error={found.error} onAgain={() => void found.refetch()} />;
  if (!found.data) return <Skeleton lines={6} />;
  const now = query.as_of ? Date.parse(query.as_of) : Date.now();
  const { memories, total } = found.data;
  const stretches = memories.map(({ memory }) => stretchOf(memory, by, now));
  const axis = axisOf(stretches, scale, now);
  const lanes = lanesOf(stretches, axis);
  const outside = stretches.length - lanes.reduce((sum, [, lane]) => sum + lane.length, 0);
  return (
    <section className={styles.timeline} aria-label={text.timeline} data-testid="timeline">
      <div className={styles.controls}>
        <Segments
          label={text.by}
          value={by}
          options={(["valid", "learned"] as const).map((value) => ({ value, label: text.byTimes[value] }))}
          onChange={setBy}
          testId="timeline-by"
        />
        <Segments
          label={text.scale}
          value={scale}
          options={(["season", "year", "decade", "all"] as const).map((value) => ({ value, label: text.scales[value] }))}
          onChange={setScale}
          testId="timeline-scale"
        />
      </div>
      <div className={styles.frame}>
        <div className={styles.ticks} aria-hidden>
          {ticksOf(axis).map((tick) => (
            <span key={tick} style={{ insetInlineStart: `${placeOf(axis, tick)}%` }}>
              {formatTick(tick, axis.to - axis.from)}
            </span>
          ))}
        </div>
        <ul onKeyDown={goThrough}>
          {lanes.map(([topic, lane]) => (
            <li key={topic} className={styles.lane}>
              <ul>
                {lane.map((stretch) => (
                  <li key={stretch.memory.id}>
                    <Bar stretch={stretch} axis={axis} chosen={stretch.memory.id === chosen} onChoose={onChoose} />
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      </div>
      {lanes.length === 0 && total === 0 && <p className={screen.status}>{text.none}</p>}
      {outside > 0 && (
        <p className={screen.status} data-testid="timeline-outside">
          {text.outside(outside)}
        </p>
      )}
      {total > memories.length && <p className={screen.status}>{text.timelineMore(memories.length, total)}</p>}
    </section>
  );
}

type BarProps = { stretch: Stretch; axis: Axis; chosen: boolean; onChoose: (id: MemoryId) => void };

function Bar({ stretch: { memory, from, to }, axis, chosen, onChoose }: BarProps) {
  const start = placeOf(axis, from);
  const end = placeOf(axis, to);
  // Near the end of the line its words would run out of it: there they stand before it.
  const late = start > 55;
  return (
    <button
      type="button"
      className={classNames(styles.row, chosen && styles.chosen)}
      aria-current={chosen ? "true" : undefined}
      aria-label={`${memory.text}, ${whenText(memory)}`}
      title={`${memory.text}\n${whenText(memory)}`}
      onClick={() => onChoose(memory.id)}
      data-row
      data-testid="timeline-bar"
      data-id={memory.id}
      data-ended={memory.ended_at !== null || undefined}
      data-contradicted={memory.contradicts.length > 0 || undefined}
    >
      <i style={{ insetInlineStart: `min(${start}%, 100% - 0.375rem)`, inlineSize: `${Math.max(0, end - start)}%` }} />
      <span
        className={late ? styles.before : undefined}
        style={late ? { insetInlineEnd: `${100 - start}%` } : { insetInlineStart: `${start}%` }}
      >
        <bdi>{memory.text}</bdi>
      </span>
    </button>
  );
}
