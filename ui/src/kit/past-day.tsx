import { type ReactElement, useState } from "react";
import { dateOf } from "@/lib/time-span";
import { words } from "@/lib/words";
import { DateField } from "./date-field";
import styles from "./past-day.module.css";
import { Popover } from "./popover";

const text = words.memory.asOf;

type PastDayProps = {
  label: string;
  trigger: ReactElement;
  /** A day as date fields have it; empty: today. */
  value: string;
  onChange: (value: string) => void;
  align?: "start" | "end";
  testId: string;
};

const before = (months: number, days: number): string => {
  const now = new Date();
  return dateOf(new Date(now.getFullYear(), now.getMonth() - months, now.getDate() - days));
};

/** Today, or a day before it. */
export function PastDay({ label, trigger, value, onChange, align, testId }: PastDayProps) {
  const [open, setOpen] = useState(false);
  const choose = (day: string) => {
    setOpen(false);
    onChange(day);
  };
  const choices: [name: string, day: string][] = [
    [text.now, ""],
    [text.ago.week, before(0, 7)],
    [text.ago.month, before(1, 0)],
    [text.ago.half, before(6, 0)],
    [text.ago.year, before(12, 0)],
  ];
  return (
    <Popover open={open} onOpenChange={setOpen} label={label} align={align} narrow trigger={trigger} testId={`${testId}-days`}>
      <div className={styles.days}>
        {choices.map(([name, day]) => (
          <button key={name} type="button" aria-pressed={day === value} onClick={() => choose(day)}>
            {name}
          </button>
        ))}
        <DateField label={text.other} value={value} max={dateOf(new Date())} onChange={onChange} testId={`${testId}-day`} />
      </div>
    </Popover>
  );
}
