import { words } from "@/lib/words";
import styles from "./skeleton.module.css";

const widths = ["92%", "78%", "86%", "54%", "90%", "70%", "40%"];

/** The shape of text that is on its way. Fades in late, so that what arrives at once does not flicker. */
export function Skeleton({ lines }: { lines: number }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={words.problem.loading}>
      {Array.from({ length: lines }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike
        <i key={at} style={{ width: widths[at % widths.length] }} />
      ))}
    </div>
  );
}
