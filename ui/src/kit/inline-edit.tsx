import { useEffect, useRef, useState } from "react";
import { isComposing } from "@/lib/keys";
import styles from "./inline-edit.module.css";

type InlineEditProps = { value: string; label: string; onSave: (value: string) => void };

/** Text that becomes a field when clicked. Enter or leaving saves, Esc gives up. */
export function InlineEdit({ value, label, onSave }: InlineEditProps) {
  const [editing, setEditing] = useState(false);
  if (editing) return <InlineField value={value} label={label} onSave={onSave} onDone={() => setEditing(false)} />;
  return (
    <button
      type="button"
      className={styles.text}
      dir="auto"
      aria-label={`${value}. ${label}`}
      title={label}
      onClick={() => setEditing(true)}
    >
      {value}
    </button>
  );
}

export function InlineField({ value, label, onSave, onDone }: InlineEditProps & { onDone: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  // What stood here when the field opened: a title that comes by itself meanwhile is not what one saves by leaving the field as it was.
  const was = useRef(value);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const finish = (save: boolean) => {
    if (done.current) return;
    done.current = true;
    const next = field.current?.value.trim() ?? "";
    if (save && next && next !== was.current) onSave(next);
    onDone();
  };
  return (
    <input
      ref={field}
      className={styles.field}
      dir="auto"
      defaultValue={was.current}
      aria-label={label}
      maxLength={200}
      spellCheck={false}
      onBlur={() => finish(true)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (isComposing(event.nativeEvent)) return;
        if (event.key === "Enter") finish(true);
        if (event.key === "Escape") {
          event.preventDefault();
          finish(false);
        }
      }}
    />
  );
}
