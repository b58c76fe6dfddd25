import { words } from "@/lib/words";
import { Button } from "./button";
import styles from "./job-progress.module.css";

type JobProgressProps = {
  label: string;
  /** Null: nothing is known yet. */
  percent: number | null;
  /** The last step, which cannot be called off. */
  finishing: boolean;
  cancelling: boolean;
  onCancel: () => void;
  testId: string;
};

/** How far something long has come, and the way to call it off. */
export function JobProgress({ label, percent, finishing, cancelling, onCancel, testId }: JobProgressProps) {
  const known = percent !== null && !finishing && !cancelling;
  return (
    <div className={styles.job} data-testid={testId}>
      <div className={styles.line}>
        <span role="status">{cancelling ? words.data.cancelling : finishing ? words.data.finishing : label}</span>
        {known && (
          <span className={styles.percent} aria-hidden>
            {words.general.percent(String(percent))}
          </span>
        )}
      </div>
      <div className={styles.line}>
        <progress max={100} value={known ? percent : undefined} aria-label={label} className={styles.bar} />
        <Button small onClick={onCancel} disabled={cancelling || finishing} data-testid={`${testId}-cancel`}>
          {words.form.cancel}
        </Button>
      </div>
    </div>
  );
}
