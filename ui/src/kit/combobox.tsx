import { ChevronDown } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { isComposing } from "@/lib/keys";
import { words } from "@/lib/words";
import { Spinner } from "./button";
import { classNames } from "./class-names";
import styles from "./combobox.module.css";
import fieldStyles from "./field.module.css";

export type Choice = {
  /** What the field says when it is chosen; unique. */
  value: string;
  title: string;
  detail?: string;
  badge?: { text: string; warn?: boolean };
  group?: string;
};

type ComboboxProps = {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  optional?: boolean;
  code?: boolean;
  placeholder?: string;
  value: string;
  /** The value of the choice that is in force, where the field says something else. */
  chosen?: string;
  choices: Choice[];
  loading?: boolean;
  onPick: (value: string) => void;
  /** What is typed counts as well; without it only a choice does, and the field goes back to `value` when it is left. */
  onType?: (text: string) => void;
  testId: string;
};

/** More are not read, but searched. */
const shown = 80;

const wordsOf = (text: string) => text.toLowerCase().split(/\s+/).filter(Boolean);

function fitting(choices: Choice[], search: string | null): Choice[] {
  const wanted = wordsOf(search ?? "");
  if (!wanted.length) return choices;
  return choices.filter(({ title, detail = "", value, group = "" }) => {
    const text = `${title} ${detail} ${value} ${group}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** A field with a searchable list (the WAI-ARIA combobox): arrows move, Enter takes, Esc closes, and typing narrows. */
export function Combobox(props: ComboboxProps) {
  const { label, hint, error, optional, code, placeholder, value, chosen = value, choices, loading, onPick, onType, testId } = props;
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  // Null until something is typed: what is already chosen does not narrow the list in which another is looked for.
  const [search, setSearch] = useState<string | null>(null);
  const [active, setActive] = useState(-1);
  const all = fitting(choices, search);
  const listed = all.slice(0, shown);
  const isOpen = open && (listed.length > 0 || (!onType && !loading));
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");

  useEffect(() => {
    if (isOpen) list.current?.scrollIntoView({ block: "nearest" });
  }, [isOpen]);
  useEffect(() => {
    if (active >= 0) list.current?.querySelector(`[data-place="${active}"]`)?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const show = () => {
    setOpen(true);
    setActive(choices.findIndex((choice) => choice.value === chosen));
  };
  const close = () => {
    setOpen(false);
    setSearch(null);
    setActive(-1);
  };
  const pick = (choice: Choice) => {
    onPick(choice.value);
    close();
  };
  const type = (text: string) => {
    onType?.(text);
    setSearch(text);
    setActive(-1);
    // An id that was pasted or typed to its end needs no list over the fields below.
    setOpen(!onType || !choices.some((choice) => choice.value === text));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!isOpen) return show();
      setActive((active + step + listed.length + (active < 0 && step < 0 ? 1 : 0)) % Math.max(1, listed.length));
    } else if (event.key === "Enter" && isOpen) {
      const choice = listed[active] ?? (onType ? undefined : listed[0]);
      if (!choice) return onType ? close() : event.preventDefault();
      event.preventDefault();
      pick(choice);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };

  const groups = new Map<string, { choice: Choice; place: number }[]>();
  for (const [place, choice] of listed.entries()) {
    const group = groups.get(choice.group ?? "") ?? [];
    groups.set(choice.group ?? "", [...group, { choice, place }]);
  }

  return (
    <div className={fieldStyles.field}>
      <label htmlFor={id} className={fieldStyles.label}>
        {label} {optional && <span className={fieldStyles.optional}>{words.form.optional}</span>}
      </label>
      <div className={styles.box}>
        <input
          ref={field}
          id={id}
          type="text"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={isOpen ? `${id}-list` : undefined}
          aria-activedescendant={isOpen && active >= 0 ? `${id}-${active}` : undefined}
          aria-describedby={described || undefined}
          aria-invalid={error ? true : undefined}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          placeholder={placeholder}
          value={onType ? value : (search ?? value)}
          className={classNames(fieldStyles.input, styles.input, code && value && fieldStyles.code)}
          dir={code && value ? "ltr" : undefined}
          onChange={(event) => type(event.target.value)}
          onClick={() => {
            if (open) return;
            show();
            // What only names the choice is typed over; what was typed is edited.
            if (!onType) field.current?.select();
          }}
          onBlur={close}
          onKeyDown={onKeyDown}
          data-testid={testId}
        />
        <button
          type="button"
          tabIndex={-1}
          className={styles.toggle}
          aria-label={words.combobox.show}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => {
            field.current?.focus();
            if (isOpen) close();
            else show();
          }}
          data-testid={`${testId}-toggle`}
        >
          {loading ? <Spinner size={14} /> : <ChevronDown size={15} strokeWidth={1.9} aria-hidden />}
        </button>
        {isOpen && (
          <div className={styles.popup} onPointerDown={(event) => event.preventDefault()} ref={list}>
            <div role="listbox" id={`${id}-list`} aria-label={words.combobox.options(label)} className={styles.list} tabIndex={-1}>
              {[...groups].map(([group, members]) => {
                const options = members.map(({ choice, place }) => (
                  <Option
                    key={choice.value}
                    id={`${id}-${place}`}
                    choice={choice}
                    place={place}
                    active={place === active}
                    chosen={choice.value === chosen}
                    testId={`${testId}-option`}
                    onPick={() => pick(choice)}
                  />
                ));
                if (!group) return options;
                return (
                  // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a list box
                  <div key={group} role="group" aria-label={group}>
                    <p className={styles.group} aria-hidden>
                      {group}
                    </p>
                    {options}
                  </div>
                );
              })}
            </div>
            {listed.length === 0 && <p className={styles.note}>{words.combobox.nothing}</p>}
            {all.length > shown && <p className={styles.note}>{words.combobox.more(all.length - shown)}</p>}
          </div>
        )}
        <span role="status" className="visually-hidden">
          {isOpen && search !== null ? words.combobox.count(all.length) : ""}
        </span>
      </div>
      {hint && (
        <div id={`${id}-hint`} className={fieldStyles.hint}>
          {hint}
        </div>
      )}
      {error && (
        <p id={`${id}-error`} className={fieldStyles.error}>
          {error}
        </p>
      )}
    </div>
  );
}

type OptionProps = {
  id: string;
  choice: Choice;
  place: number;
  active: boolean;
  chosen: boolean;
  testId: string;
  onPick: () => void;
};

function Option({ id, choice, place, active, chosen, testId, onPick }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus
    <div
      role="option"
      id={id}
      tabIndex={-1}
      aria-selected={active}
      className={classNames(styles.option, active && styles.active, chosen && styles.chosen)}
      data-place={place}
      data-value={choice.value}
      data-testid={testId}
      onClick={onPick}
    >
      <span className={styles.title}>
        {choice.title}
        {choice.badge && <em className={classNames(choice.badge.warn && styles.warn)}>{choice.badge.text}</em>}
      </span>
      {choice.detail && <span className={styles.detail}>{choice.detail}</span>}
    </div>
  );
}
