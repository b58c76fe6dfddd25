import { ArrowLeft, Check } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { ModelEntry, ModelRef } from "@/bindings";
import { IconButton } from "@/kit/button";
import { backKey } from "@/lib/keys";
import { words } from "@/lib/words";
import styles from "./model-picker.module.css";
import { abilitiesOf, limitsOf, routePlace } from "./model-rows";

type RoutesProps = { entry: ModelEntry; current: ModelRef; onChoose: (model: ModelRef) => void; onBack: () => void };

/** The second step for a model that can be called in several ways: how far the request may travel. */
export function ModelRoutes({ entry, current, onChoose, onBack }: RoutesProps) {
  const list = useRef<HTMLUListElement>(null);
  const buttons = () => [...(list.current?.querySelectorAll("button") ?? [])];
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when it comes up
  useEffect(() => {
    const all = buttons();
    (all.find((button) => button.dataset.current) ?? all[0])?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const all = buttons();
    const at = all.indexOf(event.target as HTMLButtonElement);
    if (event.key === "ArrowDown") all[Math.min(all.length - 1, at + 1)]?.focus();
    else if (event.key === "ArrowUp") all[Math.max(0, at - 1)]?.focus();
    else if (event.key === backKey() || event.key === "Backspace") onBack();
    else return;
    event.preventDefault();
  };
  const facts = [...abilitiesOf(entry).map((ability) => words.picker.abilities[ability]), ...limitsOf(entry)].join(" · ");
  return (
    <>
      <div className={styles.head}>
        <IconButton label={words.picker.back} icon={ArrowLeft} onClick={onBack} data-testid="model-routes-back" />
        <div>
          <h2>{words.picker.routes(entry.name)}</h2>
          {facts && <p>{facts}</p>}
        </div>
      </div>
      <ul ref={list} className={styles.routes} onKeyDown={onKeyDown}>
        {entry.routes.map((route) => (
          <li key={route.id}>
            <button
              type="button"
              aria-current={route.id === current.id || undefined}
              data-current={route.id === current.id || undefined}
              onClick={() => onChoose({ provider: "bedrock", id: route.id })}
              data-testid="model-route"
              data-reach={route.reach}
            >
              <Check className={styles.mark} size={14} strokeWidth={2.2} aria-hidden data-shown={route.id === current.id} />
              <span>
                <b>{words.picker.reaches[route.reach]}</b>
                <span>{unbroken(routePlace(route))}</span>
                <code>{route.id}</code>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A region's name is one word, hyphens and all. */
const unbroken = (text: string) => text.split(/(?<=, )/).map((part) => <span key={part}>{part}</span>);
