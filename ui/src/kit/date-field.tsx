import styles from "./date-field.module.css";

type DateFieldProps = { label: string; value: string; min?: string; max?: string; onChange: (value: string) => void; testId: string };

/** A day, as `2026-11-21`; empty: none. */
export function DateField({ label, value, min, max, onChange, testId }: DateFieldProps) {
  return (
    <label className={styles.date}>
      {label}
      <input
        type="date"
        value={value}
        data-empty={value === "" || undefined}
        min={min || undefined}
        max={max || undefined}
        onChange={(event) => onChange(event.target.value)}
        data-testid={testId}
      />
    </label>
  );
}
