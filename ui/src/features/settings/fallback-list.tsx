import { ArrowDown, ArrowUp, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { ModelRef } from "@/bindings";
import { IconButton } from "@/kit/button";
import { modelKey } from "@/lib/model";
import { words } from "@/lib/words";
import styles from "./fallback-list.module.css";
import own from "./form.module.css";

const text = words.settings.answering;

type FallbackListProps = {
  models: ModelRef[];
  name: (model: ModelRef) => string;
  from: (model: ModelRef) => string;
  onChange: (models: ModelRef[]) => Promise<boolean>;
};

const orderOf = (models: ModelRef[]) => models.map(modelKey).join(" ");

/** In order. Moved by its buttons, or by Alt and an arrow from anywhere in the row. */
export function FallbackList({ models, name, from, onChange }: FallbackListProps) {
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState("");
  const order = orderOf(models);
  // Where the focus belongs once the rows have changed places: the browser drops it when it moves an element.
  const [focus, setFocus] = useState<{ order: string; place: number; action: "up" | "down" } | null>(null);
  useEffect(() => {
    if (focus?.order !== order) return;
    const row = list.current?.children[focus.place];
    const buttons = ["up", "down"].map((action) => row?.querySelector<HTMLButtonElement>(`[data-action=${action}]`));
    // At the end of the list the button that was pressed has nothing more to do.
    const [wanted, other] = focus.action === "up" ? buttons : buttons.reverse();
    (wanted?.disabled ? other : wanted)?.focus();
    setFocus(null);
  }, [focus, order]);

  const shift = (place: number, by: -1 | 1) => {
    const to = place + by;
    const model = models[place];
    if (!model || to < 0 || to >= models.length) return;
    const next = models.filter((_, at) => at !== place);
    next.splice(to, 0, model);
    setSaid(text.moved(name(model), to + 1, models.length));
    void onChange(next);
    setFocus({ order: orderOf(next), place: to, action: by < 0 ? "up" : "down" });
  };
  const remove = (place: number) => {
    const model = models[place];
    if (!model) return;
    const next = models.filter((_, at) => at !== place);
    setSaid(text.removed(name(model)));
    void onChange(next);
    if (models.length > 1) setFocus({ order: orderOf(next), place: Math.min(place, models.length - 2), action: "up" });
  };
  const onKeyDown = (event: KeyboardEvent, place: number) => {
    const by = event.altKey ? ({ ArrowUp: -1, ArrowDown: 1 } as const)[event.key as "ArrowUp" | "ArrowDown"] : undefined;
    if (!by) return;
    event.preventDefault();
    shift(place, by);
  };

  return (
    <>
      <span role="status" className="visually-hidden">
        {said}
      </span>
      {models.length === 0 && <p className={own.hint}>{text.fallbackEmpty}</p>}
      {models.length > 0 && (
        <ol className={styles.list} ref={list} aria-label={text.fallback} data-testid="fallback">
          {models.map((model, place) => (
            <li key={modelKey(model)} className={styles.row} onKeyDown={(event) => onKeyDown(event, place)} data-testid="fallback-model">
              <span className={styles.place}>{place + 1}</span>
              <span className={styles.name}>
                {name(model)} <span className={styles.from}>{from(model)}</span>
              </span>
              <IconButton
                label={text.up(name(model))}
                icon={ArrowUp}
                size={15}
                disabled={place === 0}
                onClick={() => shift(place, -1)}
                data-action="up"
                data-testid="fallback-up"
              />
              <IconButton
                label={text.down(name(model))}
                icon={ArrowDown}
                size={15}
                disabled={place === models.length - 1}
                onClick={() => shift(place, 1)}
                data-action="down"
                data-testid="fallback-down"
              />
              <IconButton label={text.remove(name(model))} icon={X} size={15} onClick={() => remove(place)} data-testid="fallback-remove" />
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
