import { useState } from "react";
import type { MemoryStats, Settings } from "@/bindings";
import { Field } from "@/kit/field";
import { formatCount } from "@/lib/format";
import { useMemoryStats } from "@/lib/query";
import { words } from "@/lib/words";
import { Check } from "./check";
import { EmbedderForm } from "./embedder-form";
import styles from "./form.module.css";
import { useChange } from "./save";
import own from "./settings-screen.module.css";

const text = words.memory;

/** What is learned, for how much, and what turns texts into vectors. */
export function MemorySection({ settings }: { settings: Settings }) {
  const change = useChange();
  const stats = useMemoryStats().data;
  return (
    <>
      <div className={own.intro}>
        <h2>{words.settings.sections.memory}</h2>
        <p>{text.learningText}</p>
      </div>
      <div className={own.block}>
        <h3>{text.learning}</h3>
        <Check
          label={text.learn}
          hint={text.learnText}
          checked={settings.learn}
          onChange={(learn) => void change((current) => ({ ...current, learn }))}
          testId="learn"
        />
        <Budget
          key={settings.learn_tokens_month}
          value={settings.learn_tokens_month}
          onChange={(tokens) => void change((current) => ({ ...current, learn_tokens_month: tokens }))}
        />
        {stats && <Spent stats={stats} />}
      </div>
      <div className={own.block}>
        <h3>{text.embedding}</h3>
        <p className={styles.hint}>{text.embeddingText}</p>
        <EmbedderForm settings={settings} stats={stats} />
        {stats && stats.messages > 0 && (
          <div className={styles.group}>
            <progress max={stats.messages} value={stats.embedded} aria-label={text.embedding} className={styles.progress} />
            <p className={styles.hint} data-testid="embedded">
              {text.embedded(formatCount(stats.embedded), formatCount(stats.messages))}
            </p>
          </div>
        )}
      </div>
    </>
  );
}

function Spent({ stats }: { stats: MemoryStats }) {
  return (
    <p className={styles.hint} data-testid="learn-spent">
      {text.spent(words.chat.tokens(stats.tokens_month))}
      {stats.waiting > 0 ? ` · ${text.waiting(stats.waiting)}` : ""}
    </p>
  );
}

/** Saved when it is left or Enter is pressed; only a whole number, or nothing. */
function Budget({ value, onChange }: { value: number | null; onChange: (value: number | null) => void }) {
  const [typed, setTyped] = useState(value === null ? "" : String(value));
  const next = typed.trim() === "" ? null : Number(typed);
  const bad = next !== null && (!Number.isInteger(next) || next < 0 || next > 0xffff_ffff);
  const save = () => {
    if (!bad && next !== value) onChange(next);
  };
  return (
    <Field
      label={text.budget}
      hint={text.budgetHint}
      error={bad ? text.budgetBad : null}
      inputMode="numeric"
      dir="ltr"
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => event.key === "Enter" && save()}
      data-testid="learn-budget"
    />
  );
}
