import { ChevronDown, History } from "lucide-react";
import menu from "@/kit/choice-menu.module.css";
import { classNames } from "@/kit/class-names";
import { PastDay } from "@/kit/past-day";
import { formatDay } from "@/lib/format";
import { words } from "@/lib/words";
import { look } from "./state";

const text = words.memory.asOf;

/** The day as of which memory is looked through. */
export function AsOf({ day }: { day: string }) {
  return (
    <PastDay
      label={text.label}
      value={day}
      onChange={(asOf) => look({ asOf })}
      align="end"
      testId="as-of"
      trigger={
        <button type="button" className={classNames(menu.choice, day !== "" && menu.set)} data-testid="as-of">
          <History size={14} strokeWidth={1.8} aria-hidden />
          {day === "" ? text.today : text.day(formatDay(day))}
          <ChevronDown size={13} strokeWidth={2} aria-hidden />
        </button>
      }
    />
  );
}
