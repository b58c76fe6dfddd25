import { Brain, Check, ChevronRight, CornerDownLeft, DatabaseZap, Image, type LucideIcon, X } from "lucide-react";
import type { OpenaiServer } from "@/bindings";
import { classNames } from "@/kit/class-names";
import { forwardKey, showKeys } from "@/lib/keys";
import { words } from "@/lib/words";
import styles from "./model-picker.module.css";
import { type Ability, abilitiesOf, limitsOf, nameOf, placeOf, type Row } from "./model-rows";

const icons: Record<Ability, LucideIcon> = { images: Image, reasons: Brain, caches: DatabaseZap };

type OptionProps = {
  id: string;
  row: Row;
  active: boolean;
  current: boolean;
  servers: OpenaiServer[];
  onPoint: () => void;
  onChoose: () => void;
  onRoutes: (() => void) | null;
  onForget: (() => void) | null;
};

export function ModelOption({ id, row, active, current, servers, onPoint, onChoose, onRoutes, onForget }: OptionProps) {
  return (
    <div className={classNames(styles.row, active && styles.active)} role="presentation" onPointerMove={active ? undefined : onPoint}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus */}
      <div
        role="option"
        id={id}
        className={styles.option}
        aria-selected={active}
        aria-current={current || undefined}
        tabIndex={-1}
        onPointerDown={(event) => event.preventDefault()}
        onClick={onChoose}
        data-testid="model-option"
        data-model={row.model.id}
      >
        {row.kind === "typed" ? <TypedRow row={row} /> : <EntryRow row={row} current={current} servers={servers} />}
      </div>
      {/* What these two do, the arrow to the right and Delete do in the field; as further stops inside a list they would be in the way. */}
      {onRoutes && (
        <button
          type="button"
          tabIndex={-1}
          aria-hidden
          className={styles.side}
          title={words.picker.routesHint(showKeys(forwardKey()))}
          onClick={onRoutes}
          data-testid="model-routes"
        >
          <ChevronRight size={15} strokeWidth={1.8} aria-hidden />
        </button>
      )}
      {onForget && (
        <button
          type="button"
          tabIndex={-1}
          aria-hidden
          className={styles.side}
          title={words.picker.forget(row.model.id)}
          onClick={onForget}
          data-testid="model-forget"
        >
          <X size={14} strokeWidth={1.8} aria-hidden />
        </button>
      )}
    </div>
  );
}

function TypedRow({ row }: { row: Extract<Row, { kind: "typed" }> }) {
  return (
    <>
      <CornerDownLeft className={styles.mark} size={14} strokeWidth={1.9} aria-hidden />
      <span className={styles.name}>
        <b>{words.picker.use(row.model.id)}</b>
      </span>
      <span className={styles.facts}>{words.picker.useAt(row.who)}</span>
    </>
  );
}

function EntryRow({ row, current, servers }: { row: Extract<Row, { kind: "model" }>; current: boolean; servers: OpenaiServer[] }) {
  const { entry, model } = row;
  const facts = [placeOf(model, entry, servers), ...limitsOf(entry)].filter((fact) => fact !== null).join(" · ");
  return (
    <>
      <Check className={styles.mark} size={14} strokeWidth={2.2} aria-hidden data-shown={current} />
      <span className={styles.name}>
        <b>{nameOf(entry)}</b>
        {entry.vendor && <span>{entry.vendor}</span>}
        {entry.legacy && <em title={words.picker.legacyHint}>{words.picker.legacy}</em>}
        {entry.typed && <em>{words.picker.typed}</em>}
        <i>
          {abilitiesOf(entry).map((ability) => {
            const Icon = icons[ability];
            const label = words.picker.abilities[ability];
            return (
              <span key={ability} role="img" aria-label={label} title={label}>
                <Icon size={13.5} strokeWidth={1.8} aria-hidden />
              </span>
            );
          })}
        </i>
      </span>
      {facts && (
        <span className={styles.facts} title={facts}>
          {facts}
        </span>
      )}
    </>
  );
}
