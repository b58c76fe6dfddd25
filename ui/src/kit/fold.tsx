import { ChevronRight, type LucideIcon } from "lucide-react";
import { type ReactNode, useId } from "react";
import styles from "./fold.module.css";

type FoldProps = {
  icon: LucideIcon;
  summary: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  testId?: string;
  /** What it tells of is going on. */
  active?: boolean;
  /** Nothing: then there is only the line. */
  children?: ReactNode;
};

/** A quiet line that unfolds to what stands behind it. */
export function Fold({ icon: Icon, summary, open, onOpenChange, testId, active, children }: FoldProps) {
  const id = useId();
  if (!children) {
    return (
      <p className={styles.summary} data-testid={testId} data-active={active || undefined}>
        <Icon size={13.5} strokeWidth={1.9} aria-hidden />
        <span>{summary}</span>
      </p>
    );
  }
  return (
    <div className={styles.fold} data-testid={testId} data-active={active || undefined}>
      <button
        type="button"
        className={styles.summary}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => onOpenChange(!open)}
      >
        <Icon size={13.5} strokeWidth={1.9} aria-hidden />
        <span>{summary}</span>
        <ChevronRight size={13} strokeWidth={2} className={styles.chevron} aria-hidden />
      </button>
      {open && (
        <div id={id} className={styles.content}>
          {children}
        </div>
      )}
    </div>
  );
}
