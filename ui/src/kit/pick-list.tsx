import type { LucideIcon } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { isComposing } from "@/lib/keys";
import { classNames } from "./class-names";
import { Keys } from "./keys";
import styles from "./pick-list.module.css";
import { SearchField } from "./search-field";

export type Pick = {
  /** Unique in the whole list. */
  id: string;
  title: string;
  detail?: string;
  keys?: string;
  icon?: LucideIcon;
  run: () => void;
};
export type PickGroup = { name: string; picks: Pick[] };

type PickListProps = {
  label: string;
  listLabel: string;
  placeholder: string;
  query: string;
  onQuery: (query: string) => void;
  groups: PickGroup[];
  /** Said where nothing fits. */
  nothing?: string;
  /** How many fit, for whoever does not see it. */
  status: string;
  footer?: ReactNode;
  testId: string;
};

/** A field and what fits it, to be gone through by keyboard alone: arrows move, Enter takes, and the focus never leaves the field. */
export function PickList({ label, listLabel, placeholder, query, onQuery, groups, nothing, status, footer, testId }: PickListProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<string | null>(null);
  const all = groups.flatMap((group) => group.picks);
  const place = Math.max(
    0,
    all.findIndex((pick) => pick.id === at),
  );
  const active = all[place];
  const byKeys = useRef(true);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what the keys have reached comes into view; what is under the pointer is there
  useLayoutEffect(() => {
    if (!byKeys.current) return;
    if (place === 0 && list.current) list.current.scrollTop = 0;
    else list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active?.id, query]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent) || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, PageDown: Math.min(all.length - 1, place + 8), PageUp: Math.max(0, place - 8) }[
      event.key
    ];
    if (to !== undefined) {
      byKeys.current = true;
      setAt(all[(to + all.length) % Math.max(1, all.length)]?.id ?? null);
    } else if (event.key === "Enter") active?.run();
    else return;
    event.preventDefault();
  };

  return (
    <>
      <SearchField
        label={label}
        large
        className={styles.search}
        autoFocus
        value={query}
        placeholder={placeholder}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={all.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={active ? `${id}-${place}` : undefined}
        onChange={(event) => {
          byKeys.current = true;
          setAt(null);
          onQuery(event.target.value);
        }}
        onKeyDown={onKeyDown}
        data-testid={testId}
      />
      <div role="listbox" id={`${id}-list`} aria-label={listLabel} className={styles.list} ref={list} tabIndex={-1}>
        {groups.map(({ name, picks }) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a list box
          <div key={name} role="group" aria-label={name}>
            <p className={styles.group} aria-hidden>
              {name}
            </p>
            {picks.map((pick) => (
              <Option
                key={pick.id}
                pick={pick}
                id={`${id}-${all.indexOf(pick)}`}
                active={pick === active}
                onPoint={() => {
                  byKeys.current = false;
                  setAt(pick.id);
                }}
                testId={`${testId}-option`}
              />
            ))}
          </div>
        ))}
      </div>
      {all.length === 0 && nothing && <p className={styles.nothing}>{nothing}</p>}
      <span role="status" className="visually-hidden">
        {query ? status : ""}
      </span>
      {footer}
    </>
  );
}

type OptionProps = { pick: Pick; id: string; active: boolean; onPoint: () => void; testId: string };

function Option({ pick, id, active, onPoint, testId }: OptionProps) {
  const Icon = pick.icon;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus
    <div
      role="option"
      id={id}
      tabIndex={-1}
      aria-selected={active}
      className={classNames(styles.option, active && styles.active)}
      onPointerMove={() => !active && onPoint()}
      onPointerDown={(event) => event.preventDefault()}
      onClick={pick.run}
      data-testid={testId}
      data-id={pick.id}
    >
      {Icon && <Icon size={16} strokeWidth={1.7} aria-hidden />}
      <span className={styles.title} dir="auto">
        {pick.title}
      </span>
      {pick.detail && <small>{pick.detail}</small>}
      {pick.keys && <Keys keys={pick.keys} quiet />}
    </div>
  );
}
