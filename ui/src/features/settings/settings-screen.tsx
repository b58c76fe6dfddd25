import { useQueryClient } from "@tanstack/react-query";
import { RadioGroup } from "radix-ui";
import { type ReactNode, useState } from "react";
import { commands, type Provider, type Settings, type Theme } from "@/bindings";
import { Bar } from "@/kit/screen";
import { Segments } from "@/kit/segments";
import { errorText, toWireError } from "@/lib/errors";
import { modelName } from "@/lib/model";
import { keys } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { ModelForm } from "./model-form";
import styles from "./settings-screen.module.css";

type SettingsScreenProps = { lead: ReactNode; settings: Settings; version: string; home: string };

const providers: { value: Provider; name: string; text: string; where: string }[] = [
  { value: "offline", name: words.settings.offline, text: words.settings.offlineText, where: words.settings.offlineWhere },
  { value: "bedrock", name: words.settings.bedrock, text: words.settings.bedrockText, where: words.settings.bedrockWhere },
  { value: "openai", name: words.settings.openai, text: words.settings.openaiText, where: words.settings.openaiWhere },
];

export default function SettingsScreen({ lead, settings, version, home }: SettingsScreenProps) {
  const client = useQueryClient();
  const inUse = settings.model?.provider ?? "offline";
  const [shown, setShown] = useState<Provider>(inUse);
  const [saved, setSaved] = useState<string | null>(null);

  const saveTheme = (theme: Theme) => {
    const current = client.getQueryData<Settings>(keys.settings) ?? settings;
    client.setQueryData<Settings>(keys.settings, { ...current, theme });
    commands.settingsSave({ ...current, theme }).catch((thrown) => {
      client.setQueryData<Settings>(keys.settings, current);
      showToast(errorText(toWireError(thrown)), { tone: "warn" });
    });
  };

  return (
    <main className={styles.screen} data-testid="settings-screen">
      <Bar lead={lead}>
        <h1 className={styles.title}>{words.settings.title}</h1>
      </Bar>
      <div className={styles.scroll}>
        <div className={styles.column}>
          <section aria-labelledby="settings-model">
            <h2 id="settings-model">{words.settings.models}</h2>
            <p className={styles.text}>{words.settings.modelsText}</p>
            <RadioGroup.Root
              className={styles.providers}
              aria-labelledby="settings-model"
              value={shown}
              onValueChange={(next) => {
                setShown(next as Provider);
                setSaved(null);
              }}
            >
              {providers.map((provider) => (
                <RadioGroup.Item
                  key={provider.value}
                  value={provider.value}
                  className={styles.provider}
                  aria-label={provider.name}
                  data-testid={`provider-${provider.value}`}
                >
                  <span className={styles.head}>
                    <i aria-hidden />
                    <b>{provider.name}</b>
                    {provider.value === inUse && <em data-testid="provider-in-use">{words.settings.inUse}</em>}
                  </span>
                  <span className={styles.about}>{provider.text}</span>
                  <span className={styles.where}>{provider.where}</span>
                </RadioGroup.Item>
              ))}
            </RadioGroup.Root>
            <ModelForm
              key={shown}
              provider={shown}
              settings={settings}
              label={shown === inUse ? words.settings.save : words.settings.use}
              saved={saved}
              onSaved={(next) =>
                setSaved(
                  next.model && next.model.provider !== "offline" ? words.settings.savedModel(modelName(next.model)) : words.settings.saved,
                )
              }
            />
            {shown === "offline" && saved && inUse === "offline" && (
              <p className={styles.saved} role="status">
                {saved}
              </p>
            )}
          </section>
          <section aria-labelledby="settings-appearance">
            <h2 id="settings-appearance">{words.settings.appearance}</h2>
            <div className={styles.row}>
              <span>{words.settings.theme}</span>
              <div className={styles.themes}>
                <Segments
                  label={words.settings.theme}
                  testId="theme"
                  value={settings.theme}
                  options={(["system", "light", "dark"] as const).map((value) => ({ value, label: words.settings.themes[value] }))}
                  onChange={saveTheme}
                />
              </div>
            </div>
          </section>
          <section aria-labelledby="settings-about">
            <h2 id="settings-about">{words.settings.about}</h2>
            <dl className={styles.facts}>
              <dt>{words.settings.version}</dt>
              <dd className="selectable">
                {words.app.name} {version}
              </dd>
              <dt>{words.settings.home}</dt>
              <dd className="selectable">{home}</dd>
            </dl>
          </section>
        </div>
      </div>
    </main>
  );
}
