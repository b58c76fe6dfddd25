import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "./class-names";
import styles from "./notice.module.css";

type Tone = "plain" | "good" | "warn" | "danger";
const icons: Record<Tone, LucideIcon> = { plain: Info, good: CircleCheck, warn: TriangleAlert, danger: CircleAlert };

type NoticeProps = {
  tone?: Tone;
  icon?: LucideIcon;
  title?: string;
  children?: ReactNode;
  id?: string;
  actions?: ReactNode;
  role?: "alert" | "status" | "note";
  testId?: string;
};

/** Something to know, in place: what happened, what to do next. */
export function Notice({ tone = "plain", icon, title, children, id, actions, role, testId }: NoticeProps) {
  const Icon = icon ?? icons[tone];
  return (
    <div className={classNames(styles.notice, styles[tone])} role={role} data-testid={testId}>
      <Icon size={16} strokeWidth={1.9} aria-hidden />
      <div className={styles.body}>
        {title && <p className={styles.title}>{title}</p>}
        {children && <div className={classNames(styles.text, "selectable")}>{children}</div>}
        {id && <p className={classNames(styles.id, "selectable")}>{id}</p>}
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
    </div>
  );
}
