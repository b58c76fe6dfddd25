import { useId } from "react";
import { isComposing } from "@/lib/keys";
import styles from "./dialogs.module.css";

type SentenceFieldProps = { label: string; value: string; onChange: (value: string) => void; onEnter: () => void; testId: string };

/** As long as a memory may be. */
const most = 300;

/** One sentence: Enter saves it, because a memory has one line. */
export function SentenceField({ label, value, onChange, onEnter, testId }: SentenceFieldProps) {
  const id = useId();
  return (
    <div className={styles.sentence}>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        dir="auto"
        rows={3}
        maxLength={most}
        value={value}
        // biome-ignore lint/a11y/noAutofocus: the dialog was opened to write in it
        autoFocus
        onChange={(event) => onChange(event.target.value.replace(/\s*\n\s*/g, " "))}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || isComposing(event.nativeEvent)) return;
          event.preventDefault();
          onEnter();
        }}
        data-testid={testId}
      />
    </div>
  );
}
