import { ChevronDown, type LucideIcon } from "lucide-react";
import { useState } from "react";
import { fitOf, fold } from "@/lib/fuzzy";
import { words } from "@/lib/words";
import menu from "./choice-menu.module.css";
import { classNames } from "./class-names";
import { type Pick, PickList } from "./pick-list";
import styles from "./pick-menu.module.css";
import { Popover } from "./popover";

type PickMenuProps = {
  label: string;
  icon: LucideIcon;
  /** What is chosen; null: nothing. */
  chosen: string | null;
  /** What stands there while nothing is chosen; with `clear` it can also be picked, and clears. */
  none: string;
  clear?: () => void;
  options: { id: string; title: string; detail?: string }[];
  onPick: (id: string) => void;
  search: string;
  /** Said where no option fits. */
  nothing: string;
  testId: string;
};

/** More are searched for, not scrolled to. */
const shown = 60;

/** One out of thousands: typed, not scrolled to. */
export function PickMenu({ label, icon: Icon, chosen, none, clear, options, onPick, search, nothing, testId }: PickMenuProps) {
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  const wanted = fold(query.trim());
  const fitting = options
    .flatMap((one) => {
      const rank = fitOf(wanted, fold(`${one.title} ${one.detail ?? ""}`.trimEnd()));
      return rank === null ? [] : [{ one, rank }];
    })
    .sort((a, b) => b.rank - a.rank)
    .slice(0, shown);
  const closing = (run: () => void) => () => {
    setOpen(false);
    run();
  };
  const picks: Pick[] = fitting.map(({ one }) => ({ ...one, run: closing(() => onPick(one.id)) }));
  const any: Pick[] = clear && !wanted ? [{ id: "", title: none, run: closing(clear) }] : [];
  return (
    <Popover
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setQuery("");
      }}
      label={label}
      testId={`${testId}s`}
      trigger={
        <button type="button" className={classNames(menu.choice, chosen !== null && menu.set, styles.choice)} data-testid={testId}>
          <Icon size={14} strokeWidth={1.8} aria-hidden />
          <span className="visually-hidden">{label}</span>
          <span className={menu.value} dir="auto">
            {chosen ?? none}
          </span>
          <ChevronDown size={13} strokeWidth={2} aria-hidden />
        </button>
      }
    >
      <PickList
        label={search}
        listLabel={label}
        placeholder={search}
        query={query}
        onQuery={setQuery}
        groups={[{ name: label, picks: [...any, ...picks] }].filter((group) => group.picks.length > 0)}
        nothing={nothing}
        status={words.combobox.count(fitting.length)}
        testId={`${testId}-field`}
      />
    </Popover>
  );
}
