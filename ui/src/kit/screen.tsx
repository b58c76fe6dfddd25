import type { ReactNode } from "react";
import styles from "./screen.module.css";

/** The strip on top of a screen. `lead` is what the shell puts first (the sidebar's button in a narrow window). */
export function Bar({ lead, children }: { lead: ReactNode; children: ReactNode }) {
  return (
    <header className={styles.bar}>
      {lead}
      {children}
    </header>
  );
}
