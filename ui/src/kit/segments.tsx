import { RadioGroup } from "radix-ui";
import styles from "./segments.module.css";

type SegmentsProps<T extends string> = {
  label: string;
  value: T;
  options: { value: T; label: string }[];
  onChange: (value: T) => void;
  testId?: string;
};

/** One of a few, all in view. */
export function Segments<T extends string>({ label, value, options, onChange, testId }: SegmentsProps<T>) {
  return (
    <RadioGroup.Root
      className={styles.segments}
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as T)}
      data-testid={testId}
      orientation="horizontal"
    >
      {options.map((option) => (
        <RadioGroup.Item key={option.value} value={option.value} className={styles.segment} data-value={option.value}>
          {option.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
