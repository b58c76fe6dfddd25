import { useEffect, useRef } from "react";
import type { Settings } from "@/bindings";
import { dataPartShown, useDataPart } from "@/lib/export";
import { words } from "@/lib/words";
import { BackupPart } from "./backup-part";
import styles from "./data-section.module.css";
import { EncryptionPart } from "./encryption-part";
import { ExportPart } from "./export-part";
import { ImportPart } from "./import-part";
import own from "./settings-screen.module.css";

type DataSectionProps = {
  settings: Settings;
  /** Chats may have come or gone. */
  onReplaced: () => void;
};

export function DataSection({ settings, onReplaced }: DataSectionProps) {
  const whole = useRef<HTMLDivElement>(null);
  const asked = useDataPart();
  useEffect(() => {
    if (!asked) return;
    const heading = whole.current?.querySelector<HTMLElement>(`[data-part="${asked}"] h3`);
    heading?.focus();
    // jsdom lacks it.
    heading?.scrollIntoView?.({ block: "start" });
    dataPartShown();
  }, [asked]);
  return (
    <div className={styles.whole} ref={whole}>
      <div className={own.intro}>
        <h2>{words.settings.sections.data}</h2>
        <p>{words.data.text}</p>
      </div>
      <ExportPart />
      <ImportPart paused={settings.background_paused} onReplaced={onReplaced} />
      <BackupPart paused={settings.background_paused} onReplaced={onReplaced} />
      <EncryptionPart />
    </div>
  );
}
