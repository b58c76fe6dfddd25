import { useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { type KeyboardEvent, type ReactElement, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { type Catalogue, commands, type ModelRef, type Settings } from "@/bindings";
import { Button, IconButton, Spinner } from "@/kit/button";
import { CodeText } from "@/kit/code-text";
import { Popover } from "@/kit/popover";
import { SearchField } from "@/kit/search-field";
import { Skeleton } from "@/kit/skeleton";
import { errorLook, errorText, hintText, inARow, sentence, toWireError } from "@/lib/errors";
import { forwardKey, isComposing, showKeys } from "@/lib/keys";
import { sameModel } from "@/lib/model";
import { keys, useCatalogue } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { ModelOption } from "./model-option";
import styles from "./model-picker.module.css";
import { ModelRoutes } from "./model-routes";
import { type Row, rowKey, rowsFor } from "./model-rows";

const unknown: Catalogue = { entries: [], problems: [] };

/** Rows that are drawn at once; more follow when the end comes into view. */
const page = 60;

type PickerProps = {
  trigger: ReactElement;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  align?: "start" | "end";
  label: string;
  /** What stands in the empty field. */
  hint?: string;
  settings: Settings;
  /** Who answers now. */
  current: ModelRef | null;
  onChoose: (model: ModelRef) => void;
  /** Goes back to the settings' model; null where that is what counts already, or where it cannot be said. */
  onReset: (() => void) | null;
  onOpenSettings: () => void;
};

export function ModelPicker({ trigger, open, onOpenChange, align, label, ...rest }: PickerProps) {
  const close = () => onOpenChange(false);
  return (
    <Popover trigger={trigger} open={open} onOpenChange={onOpenChange} align={align} label={label} testId="model-picker">
      <Choice label={label} onDone={close} {...rest} />
    </Popover>
  );
}

type ChoiceProps = Omit<PickerProps, "trigger" | "open" | "onOpenChange" | "align"> & { onDone: () => void };

function Choice({ label, hint = words.picker.search, settings, current, onChoose, onReset, onOpenSettings, onDone }: ChoiceProps) {
  const client = useQueryClient();
  const catalogue = useCatalogue(true);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState<string | null>(null);
  const [shown, setShown] = useState(page);
  const [routesOf, setRoutesOf] = useState<Row | null>(null);
  const [refreshing, setRefreshing] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();

  // Recent models and typed ids need no list: whoever knows what they want does not wait for it.
  const rows = useMemo(
    () => rowsFor({ catalogue: catalogue.data ?? unknown, settings, current, query }),
    [catalogue.data, settings, current, query],
  );
  const found = rows.findIndex((row) => rowKey(row) === at);
  const chosen = rows.findIndex((row) => current !== null && sameModel(row.model, current));
  const active = found >= 0 ? found : query.trim() === "" ? Math.max(0, chosen) : 0;
  const visible = rows.slice(0, Math.max(shown, active + 1));

  const follows = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the row that the keys have reached comes into view; one under the pointer is there
  useLayoutEffect(() => {
    if (follows.current) list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active, query, catalogue.data]);

  const choose = (model: ModelRef) => {
    onDone();
    onChoose(model);
  };
  const reset = () => {
    onDone();
    onReset?.();
  };
  const search = (text: string) => {
    follows.current = true;
    setQuery(text);
    setAt(null);
    setShown(page);
    if (list.current) list.current.scrollTop = 0;
  };
  const refresh = () => {
    setRefreshing(true);
    commands
      .modelCatalogue(true)
      // What it gave may be older by now than what was read since; the program keeps it.
      .then(() => client.invalidateQueries({ queryKey: keys.models }))
      .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }))
      .finally(() => setRefreshing(false));
  };
  const forget = (model: ModelRef) => {
    commands
      .modelForgetTyped(model)
      .then(() => Promise.all([keys.settings, keys.models].map((queryKey) => client.invalidateQueries({ queryKey }))))
      .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (isComposing(event.nativeEvent)) return;
    const row = rows[active];
    const moves: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + 8, PageUp: active - 8 };
    const to = moves[event.key];
    const atEnd = event.currentTarget.selectionStart === query.length;
    if (to !== undefined) {
      const next = rows[Math.min(rows.length - 1, Math.max(0, to))];
      follows.current = true;
      if (next) setAt(rowKey(next));
    } else if (event.key === "Enter" && row) choose(row.model);
    else if (event.key === forwardKey() && atEnd && row && hasRoutes(row)) setRoutesOf(row);
    else if (event.key === "Delete" && query === "" && row && isTyped(row)) forget(row.model);
    else return;
    event.preventDefault();
  };

  if (routesOf?.kind === "model") {
    return (
      <ModelRoutes
        entry={routesOf.entry}
        current={routesOf.model}
        onChoose={choose}
        onBack={() => {
          setRoutesOf(null);
          setAt(rowKey(routesOf));
        }}
      />
    );
  }
  const activeRow = rows[active];
  const problems = catalogue.data?.problems ?? [];
  const onlyOffline = catalogue.data && problems.length === 0 && rows.every((row) => row.model.provider === "offline") && query === "";
  return (
    <>
      <SearchField
        label={label}
        className={styles.search}
        ref={field}
        autoFocus
        value={query}
        placeholder={hint}
        role="combobox"
        aria-expanded={rows.length > 0}
        aria-controls={rows.length > 0 ? `${id}-list` : undefined}
        aria-activedescendant={activeRow ? `${id}-${active}` : undefined}
        aria-autocomplete="list"
        aria-describedby={`${id}-hint`}
        data-testid="model-search"
        onChange={(event) => search(event.target.value)}
        onKeyDown={onKeyDown}
      >
        {refreshing ? (
          <span className={styles.busy} role="status" aria-label={words.picker.loading}>
            <Spinner />
          </span>
        ) : (
          <IconButton label={words.picker.refresh} icon={RefreshCw} size={14} onClick={refresh} data-testid="models-refresh" />
        )}
      </SearchField>
      {onReset && (
        <button type="button" className={styles.reset} onClick={reset} data-testid="model-reset">
          {words.picker.asSettings}
        </button>
      )}
      {rows.length > 0 && (
        <div
          ref={list}
          className={styles.list}
          role="listbox"
          id={`${id}-list`}
          aria-label={words.picker.list}
          tabIndex={-1}
          data-testid="model-list"
          onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
            if (scrollHeight - scrollTop - clientHeight < 200 && shown < rows.length) setShown(shown + page);
          }}
        >
          {groups(visible).map(([group, members]) => (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form; this is a part of a list
            <div key={`${group} ${members[0]?.index}`} role="group" aria-label={group || words.picker.list}>
              {group && (
                <p className={styles.group} aria-hidden>
                  {group}
                </p>
              )}
              {members.map(({ row, index }) => (
                <ModelOption
                  key={rowKey(row)}
                  id={`${id}-${index}`}
                  row={row}
                  active={index === active}
                  current={current !== null && sameModel(row.model, current)}
                  servers={settings.openai.servers}
                  onPoint={() => {
                    follows.current = false;
                    setAt(rowKey(row));
                  }}
                  onChoose={() => choose(row.model)}
                  onRoutes={hasRoutes(row) ? () => setRoutesOf(row) : null}
                  onForget={isTyped(row) ? () => forget(row.model) : null}
                />
              ))}
            </div>
          ))}
        </div>
      )}
      {catalogue.isPending && (
        <div className={styles.state}>
          <Skeleton lines={rows.length > 0 ? 3 : 6} />
        </div>
      )}
      {rows.length > visible.length && <p className={styles.quiet}>{words.picker.more(rows.length - visible.length)}</p>}
      {catalogue.isError && (
        <Trouble text={inARow(sentence(words.picker.failed), errorText(toWireError(catalogue.error)))} onOpenSettings={onOpenSettings} />
      )}
      {catalogue.data && rows.length === 0 && <p className={styles.quiet}>{words.picker.none}</p>}
      {onlyOffline && <Trouble text={words.picker.nobody} onOpenSettings={onOpenSettings} />}
      {problems.map(({ provider, server, failure }) => (
        <Trouble
          key={`${provider} ${server}`}
          text={inARow(words.picker.problem(server ?? words.provider[provider], errorLook(failure.code).title), hintText(failure))}
          onOpenSettings={onOpenSettings}
        />
      ))}
      <p className="visually-hidden" id={`${id}-hint`}>
        {activeRow && hasRoutes(activeRow)
          ? words.picker.routesHint(showKeys(forwardKey()))
          : activeRow && isTyped(activeRow)
            ? words.picker.forgetHint(showKeys("Delete"))
            : ""}
      </p>
    </>
  );
}

const isTyped = (row: Row): boolean => row.kind === "model" && row.entry.typed;
const hasRoutes = (row: Row): boolean => row.kind === "model" && row.entry.routes.length > 1;

function groups(rows: Row[]): [group: string, members: { row: Row; index: number }[]][] {
  const result: [string, { row: Row; index: number }[]][] = [];
  rows.forEach((row, index) => {
    const last = result.at(-1);
    if (last && last[0] === row.group) last[1].push({ row, index });
    else result.push([row.group, [{ row, index }]]);
  });
  return result;
}

function Trouble({ text, onOpenSettings }: { text: string; onOpenSettings: () => void }) {
  return (
    <div className={styles.trouble} data-testid="models-problem">
      <span className="selectable">
        <CodeText text={text} />
      </span>
      <Button look="quiet" small onClick={onOpenSettings}>
        {words.picker.settings}
      </Button>
    </div>
  );
}
