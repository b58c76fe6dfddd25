import { useState } from "react";
import { commands, type OtherVersion, type OtherVersionOf, type SyncStatus } from "@/bindings";
import { Button } from "@/kit/button";
import { formatDayAndTime } from "@/lib/format";
import { useSyncChange } from "@/lib/sync";
import { showToast } from "@/lib/toast";
import { tongues, words } from "@/lib/words";
import data from "./data-section.module.css";
import own from "./settings-screen.module.css";
import styles from "./sync.module.css";

const text = words.sync;

/** The settings that travel, by their keys. */
const settings: Record<string, { name: string; values?: Record<string, string> }> = {
  theme: { name: words.general.theme, values: words.general.themes },
  language: { name: words.general.language, values: tongues },
  send_key: { name: words.general.send, values: words.general.sendKeys },
  titles_by_model: { name: words.general.titles },
  learn: { name: words.memory.learn },
};

/** A setting's value is JSON; one that is not known here is shown as it is. */
function settingValue(key: string, json: string): string {
  let value: unknown = json;
  try {
    value = JSON.parse(json);
  } catch {
    // It was no JSON, then.
  }
  if (typeof value === "boolean") return value ? text.on : text.off;
  return typeof value === "string" ? (settings[key]?.values?.[value] ?? value) : json;
}

const whatOf = (of: OtherVersionOf): string => {
  if (of.type === "title") return text.versionOf.title(of.now || words.sessions.untitled);
  if (of.type === "tags") return text.versionOf.tags(of.title || words.sessions.untitled);
  if (of.type === "file") return text.versionOf.file(of.path);
  return text.versionOf.setting(settings[of.key]?.name ?? of.key);
};

const shown = ({ of, value }: OtherVersion): string => (of.type === "setting" ? settingValue(of.key, value) : value) || text.versionEmpty;

/** For a button's name: a file is called by its path. */
const named = (version: OtherVersion): string => (version.of.type === "file" ? version.of.path : shown(version));

/** A title stands in the heading of its row already, and a file is too long. */
const nowOf = (of: OtherVersionOf): string | null => {
  if (of.type === "title" || of.type === "file") return null;
  return text.versionNow((of.type === "setting" ? settingValue(of.key, of.now) : of.now) || text.versionEmpty);
};

/** What two devices edited at once: nothing is lost without a word. */
export function SyncVersions({ status }: { status: SyncStatus }) {
  const change = useSyncChange();
  const [busy, setBusy] = useState(false);
  if (status.other_versions.length === 0) return null;
  const settle = async (work: () => Promise<null>, said: string | null) => {
    setBusy(true);
    const done = await change(work);
    setBusy(false);
    if (done && said) showToast(said);
  };
  const from = (version: OtherVersion) =>
    text.versionFrom(status.devices.find(({ id }) => id === version.device)?.name ?? text.unknownDevice, formatDayAndTime(version.at));
  return (
    <section className={own.block} aria-labelledby="sync-versions">
      <h3 id="sync-versions">{text.versions}</h3>
      <p className={data.text}>{text.versionsText}</p>
      <ul className={data.list} aria-labelledby="sync-versions">
        {status.other_versions.map((version) => (
          <li key={version.id} className={styles.version} data-testid="sync-version">
            <div>
              <p className={styles.detail}>{whatOf(version.of)}</p>
              <p className={styles.value}>
                <bdi>{shown(version)}</bdi>
              </p>
              <p className={styles.detail}>{[from(version), nowOf(version.of)].filter(Boolean).join(" · ")}</p>
            </div>
            <div className={styles.buttons}>
              <Button
                small
                look="quiet"
                disabled={busy}
                aria-label={text.versionDropOf(named(version))}
                onClick={() => void settle(() => commands.syncOtherVersionDrop(version.id), null)}
                data-testid="sync-version-drop"
              >
                {text.versionDrop}
              </Button>
              <Button
                small
                disabled={busy}
                aria-label={text.versionTakeOf(named(version))}
                onClick={() => void settle(() => commands.syncOtherVersionTake(version.id), text.versionTaken)}
                data-testid="sync-version-take"
              >
                {text.versionTake}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
