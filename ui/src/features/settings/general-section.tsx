import type { Settings } from "@/bindings";
import { Segments } from "@/kit/segments";
import { words } from "@/lib/words";
import { useChange } from "./save";
import styles from "./settings-screen.module.css";

const text = words.settings;

export function GeneralSection({ settings, version, home }: { settings: Settings; version: string; home: string }) {
  const change = useChange();
  return (
    <>
      <div className={styles.intro}>
        <h2>{text.sections.general}</h2>
      </div>
      <div className={styles.block}>
        <h3>{text.appearance}</h3>
        <div className={styles.row}>
          <span>{text.theme}</span>
          <div className={styles.themes}>
            <Segments
              label={text.theme}
              testId="theme"
              value={settings.theme}
              options={(["system", "light", "dark"] as const).map((value) => ({ value, label: text.themes[value] }))}
              onChange={(theme) => void change((current) => ({ ...current, theme }))}
            />
          </div>
        </div>
      </div>
      <div className={styles.block}>
        <h3>{text.about}</h3>
        <dl className={styles.facts}>
          <dt>{text.version}</dt>
          <dd className="selectable">
            {words.app.name} {version}
          </dd>
          <dt>{text.home}</dt>
          <dd className="selectable">{home}</dd>
        </dl>
      </div>
    </>
  );
}
