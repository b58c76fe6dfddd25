import { CalendarDays } from "lucide-react";
import type { Span, Time } from "@/lib/time-span";
import { words } from "@/lib/words";
import { ChoiceMenu } from "./choice-menu";
import { DateField } from "./date-field";
import styles from "./time-menu.module.css";

const text = words.find;
const times = Object.entries(text.times) as [Time, string][];

type TimeMenuProps = { label: string; span: Span; onChange: (part: Partial<Span>) => void; testId: string };

/** A span of time: one of the usual ones, or between two days. */
export function TimeMenu({ label, span: { time, from, to }, onChange, testId }: TimeMenuProps) {
  return (
    <>
      <ChoiceMenu<Time>
        label={label}
        icon={CalendarDays}
        set={time !== "any"}
        value={time}
        options={times.map(([value, name]) => ({ value, label: name }))}
        onChange={(next) => onChange({ time: next })}
        testId={`${testId}-when`}
      />
      {time === "own" && (
        <span className={styles.dates}>
          <DateField label={text.from} value={from} max={to} onChange={(next) => onChange({ from: next })} testId={`${testId}-from`} />
          <DateField label={text.to} value={to} min={from} onChange={(next) => onChange({ to: next })} testId={`${testId}-to`} />
        </span>
      )}
    </>
  );
}
