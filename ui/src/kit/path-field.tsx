import { Button } from "./button";
import { Field } from "./field";
import styles from "./path-field.module.css";

type PathFieldProps = {
  label: string;
  value: string;
  hint?: string;
  error?: string | null;
  disabled?: boolean;
  /** What the button beside it says. */
  choose: string;
  onChange: (path: string) => void;
  onChoose: () => void;
  testId: string;
};

/** The place of a file: typed, pasted, or chosen in the desktop's own dialog. */
export function PathField({ choose, onChange, onChoose, disabled, testId, ...field }: PathFieldProps) {
  return (
    <div className={styles.row}>
      <Field {...field} code dir="ltr" disabled={disabled} onChange={(event) => onChange(event.target.value)} data-testid={testId} />
      <Button onClick={onChoose} disabled={disabled} data-testid={`${testId}-choose`}>
        {choose}
      </Button>
    </div>
  );
}
