import { RadioGroup } from "radix-ui";
import styles from "./form.module.css";

export type Row<T extends string> = { value: T; title: string; text?: string; side?: string };

type RowsProps<T extends string> = { label: string; value: T | null; rows: Row<T>[]; onChange: (value: T) => void; testId: string };

/** One of a few, each with a line that says what it means. */
export function Rows<T extends string>({ label, value, rows, onChange, testId }: RowsProps<T>) {
  return (
    <RadioGroup.Root
      className={styles.rows}
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as T)}
      data-testid={testId}
    >
      {rows.map((row) => (
        <RadioGroup.Item key={row.value} value={row.value} className={styles.row} data-value={row.value}>
          <i aria-hidden />
          <b>{row.title}</b>
          {row.side ? <small className={styles.side}>{row.side}</small> : <span />}
          {row.text && <small>{row.text}</small>}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
