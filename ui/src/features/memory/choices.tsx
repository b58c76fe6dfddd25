import { useId } from "react";
import styles from "./dialogs.module.css";

type ChoicesProps<T extends string> = {
  label: string;
  value: T;
  options: { value: T; title: string; text?: string }[];
  onChange: (value: T) => void;
  testId: string;
};

/** One of a few, each with what it means. */
export function Choices<T extends string>({ label, value, options, onChange, testId }: ChoicesProps<T>) {
  const name = useId();
  return (
    <fieldset className={styles.choices} data-testid={testId}>
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
          <span>
            <span dir="auto">{option.title}</span>
            {option.text && <small>{option.text}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
