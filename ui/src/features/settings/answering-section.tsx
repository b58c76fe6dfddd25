import { commands, type Effort, type ModelRef, type Settings } from "@/bindings";
import { Button } from "@/kit/button";
import { type Choice, Combobox } from "@/kit/combobox";
import { Segments } from "@/kit/segments";
import { errorText, toWireError } from "@/lib/errors";
import { formatList } from "@/lib/format";
import { displayName, entryOf, modelKey, modelName, sameModel } from "@/lib/model";
import { useCatalogue } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { Check } from "./check";
import { FallbackList } from "./fallback-list";
import styles from "./form.module.css";
import { goesTo, serverOf } from "./reference";
import { useChange } from "./save";
import own from "./settings-screen.module.css";

const text = words.settings.answering;
const efforts: Effort[] = ["unset", "low", "medium", "high"];

export function AnsweringSection({ settings }: { settings: Settings }) {
  const change = useChange();
  const catalogue = useCatalogue(true);
  const entries = catalogue.data?.entries ?? [];
  const { model, effort, recall_tool, fallback_by_itself } = settings;
  const groupOf = (one: ModelRef) =>
    one.provider === "offline"
      ? ""
      : one.provider === "bedrock"
        ? words.settings.bedrock
        : (serverOf(settings.openai.servers, one)?.name ?? "");
  const choices: Choice[] = entries.map((entry) => {
    const route = entry.routes.find(({ id }) => id === entry.model.id);
    return {
      value: modelKey(entry.model),
      title: entry.model.provider === "offline" ? text.none : entry.name,
      detail: [entry.vendor, route && goesTo(route)].filter(Boolean).join(" · ") || undefined,
      badge: entry.legacy ? { text: words.combobox.legacy, warn: true } : entry.typed ? { text: words.combobox.typed } : undefined,
      group: groupOf(entry.model) || undefined,
    };
  });
  const byKey = (key: string) => entries.find((entry) => modelKey(entry.model) === key);
  const missing = (catalogue.data?.problems ?? []).map(({ provider, server }) => server ?? words.provider[provider]);

  const use = async (key: string) => {
    const entry = byKey(key);
    if (!entry) return;
    if (await change((current) => ({ ...current, model: entry.model })))
      showToast(words.settings.savedModel(entry.model.provider === "offline" ? modelName(entry.model) : entry.name));
  };
  const forget = () =>
    commands
      .lessonsForget()
      .then(() => showToast(text.lessonsForgotten))
      .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));

  return (
    <>
      <div className={own.intro}>
        <h2>{words.settings.sections.answering}</h2>
        <p>{text.text}</p>
      </div>
      <Combobox
        label={text.model}
        hint={text.modelHint}
        placeholder={text.modelPlaceholder}
        value={model ? displayName(catalogue.data, model) : ""}
        chosen={model ? modelKey(entryOf(catalogue.data, model)?.model ?? model) : undefined}
        choices={choices}
        loading={catalogue.isFetching}
        onPick={(key) => void use(key)}
        testId="default-model"
      />
      <div className={styles.group}>
        <span className={styles.label}>{text.effort}</span>
        <Segments
          label={text.effort}
          testId="effort"
          value={effort}
          options={efforts.map((value) => ({ value, label: text.efforts[value] }))}
          onChange={(next) => void change((current) => ({ ...current, effort: next }))}
        />
        <p className={styles.hint}>{text.effortHint}</p>
      </div>
      <Check
        label={text.recall}
        hint={text.recallHint}
        checked={recall_tool}
        onChange={(next) => void change((current) => ({ ...current, recall_tool: next }))}
        testId="recall-tool"
      />
      <Check
        label={text.provenance}
        hint={text.provenanceHint}
        checked={settings.provenance_marks}
        onChange={(next) => void change((current) => ({ ...current, provenance_marks: next }))}
        testId="provenance-marks"
      />
      <div className={own.block}>
        <h3>{text.fallback}</h3>
        {settings.fallback.length > 0 && <p className={styles.hint}>{text.fallbackText}</p>}
        <FallbackList
          models={settings.fallback}
          name={(one) => displayName(catalogue.data, one)}
          from={groupOf}
          onChange={(fallback) => change((current) => ({ ...current, fallback }))}
        />
        <Combobox
          label={text.fallbackAdd}
          placeholder={text.modelPlaceholder}
          value=""
          choices={choices.filter(({ value }) => {
            const entry = byKey(value);
            return entry && ![...settings.fallback, ...(model ? [model] : [])].some((one) => sameModel(one, entry.model));
          })}
          loading={catalogue.isFetching}
          onPick={(key) => {
            const entry = byKey(key);
            if (entry) void change((current) => ({ ...current, fallback: [...current.fallback, entry.model] }));
          }}
          testId="fallback-add"
        />
        {missing.length > 0 && (
          <p className={styles.hint} data-testid="list-missing">
            {text.failed(formatList(missing))}
          </p>
        )}
        <Check
          label={text.byItself}
          hint={text.byItselfHint}
          checked={fallback_by_itself}
          onChange={(next) => void change((current) => ({ ...current, fallback_by_itself: next }))}
          testId="fallback-by-itself"
        />
      </div>
      <div className={own.block}>
        <h3>{text.lessons}</h3>
        <p className={styles.hint}>{text.lessonsText}</p>
        <div>
          <Button onClick={() => void forget()} data-testid="lessons-forget">
            {text.lessonsForget}
          </Button>
        </div>
      </div>
    </>
  );
}
