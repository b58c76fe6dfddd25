import { useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { commands, type DesktopView, type Settings } from "@/bindings";
import { IconButton } from "@/kit/button";
import { KeyRecorder } from "@/kit/key-recorder";
import { Notice } from "@/kit/notice";
import { errorText, toWireError } from "@/lib/errors";
import { globalKeysOf, showKeys } from "@/lib/keys";
import { keys } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { Check } from "./check";
import own from "./desktop-section.module.css";
import styles from "./form.module.css";
import { useChange } from "./save";
import screen from "./settings-screen.module.css";

const text = words.desktop;

export function DesktopSection({ settings }: { settings: Settings }) {
  const change = useChange();
  const client = useQueryClient();
  const desktop = useQuery<DesktopView>({ queryKey: keys.desktop, queryFn: () => commands.desktopView() });
  const view = desktop.data;
  // What the desktop makes of a change is only known once it is in force.
  const set = async (part: Partial<Settings>) => {
    await change((current) => ({ ...current, ...part }));
    await client.invalidateQueries({ queryKey: keys.desktop });
  };
  const startAtLogin = async (on: boolean) => {
    await commands.desktopSetStartAtLogin(on).catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
    await client.invalidateQueries({ queryKey: keys.desktop });
  };
  const tray = settings.tray && view && view.tray !== "off" && view.tray !== "shown" ? view.tray : null;
  return (
    <>
      <div className={screen.intro}>
        <h2>{words.settings.sections.desktop}</h2>
        <p>{text.text}</p>
      </div>
      {desktop.isError && <Notice tone="warn">{text.failed}</Notice>}
      <Check label={text.tray} hint={text.trayHint} checked={settings.tray} onChange={(on) => void set({ tray: on })} testId="tray" />
      {tray && (
        <Notice tone="warn" testId="tray-trouble">
          {text.trayTrouble[tray]}
        </Notice>
      )}
      <QuickKeys value={settings.quick_keys} state={view?.quick_keys ?? "off"} onChange={(quick_keys) => void set({ quick_keys })} />
      <div className={screen.block}>
        <h3>{text.byItself}</h3>
        <Check
          label={text.login}
          hint={view?.start_at_login === null ? text.loginUnsupported : text.loginHint}
          checked={view?.start_at_login ?? false}
          disabled={!view || view.start_at_login === null}
          onChange={(on) => void startAtLogin(on)}
          testId="start-at-login"
        />
        <Check
          label={text.paused}
          hint={text.pausedHint}
          checked={settings.background_paused}
          onChange={(on) => void set({ background_paused: on })}
          testId="background-paused"
        />
      </div>
    </>
  );
}

type QuickKeysProps = { value: string; state: DesktopView["quick_keys"]; onChange: (keys: string) => void };

function QuickKeys({ value, state, onChange }: QuickKeysProps) {
  const shown = showKeys(value);
  const wrong = value !== "" && state !== "off" && state !== "held";
  return (
    <div className={screen.block}>
      <h3>{text.quick}</h3>
      <p className={styles.hint}>{text.quickText}</p>
      <div className={own.keys} data-testid="quick-keys-row" data-state={state}>
        <span>{text.keys}</span>
        <KeyRecorder
          value={value}
          label={text.keysLabel(shown)}
          onChange={onChange}
          onClear={() => onChange("")}
          error={wrong}
          describedBy={wrong ? "quick-keys-trouble" : undefined}
          read={globalKeysOf}
          testId="quick-keys"
        />
        {value && <IconButton label={text.keysClear} icon={X} onClick={() => onChange("")} data-testid="quick-keys-clear" />}
      </div>
      {wrong && (
        <div id="quick-keys-trouble">
          <Notice tone="warn" role="status" testId="quick-keys-trouble">
            {state === "unsupported" ? (
              <>
                {text.keysTrouble.unsupported} <code dir="ltr">{text.command}</code>
              </>
            ) : (
              text.keysTrouble[state](shown)
            )}
          </Notice>
        </div>
      )}
    </div>
  );
}
