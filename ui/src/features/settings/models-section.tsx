import { RadioGroup } from "radix-ui";
import { useState } from "react";
import type { Provider, Settings } from "@/bindings";
import { modelName } from "@/lib/model";
import { words } from "@/lib/words";
import { ModelForm } from "./model-form";
import styles from "./settings-screen.module.css";

const text = words.settings;

const providers: { value: Provider; name: string; about: string; where: string }[] = [
  { value: "offline", name: text.offline, about: text.offlineText, where: text.offlineWhere },
  { value: "bedrock", name: text.bedrock, about: text.bedrockText, where: text.bedrockWhere },
  { value: "openai", name: text.openai, about: text.openaiText, where: text.openaiWhere },
];

export function ModelsSection({ settings }: { settings: Settings }) {
  const inUse = settings.model?.provider ?? "offline";
  const [shown, setShown] = useState<Provider>(inUse);
  const [saved, setSaved] = useState<string | null>(null);
  const about = providers.find(({ value }) => value === shown);
  return (
    <>
      <div className={styles.intro}>
        <h2 id="settings-models">{text.models}</h2>
        <p>{text.modelsText}</p>
      </div>
      <RadioGroup.Root
        className={styles.providers}
        aria-labelledby="settings-models"
        orientation="horizontal"
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
            <b>{provider.name}</b>
            {provider.value === inUse && <em data-testid="provider-in-use">{text.inUse}</em>}
            <span className={styles.where}>{provider.where}</span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      {about && shown !== "offline" && <p className={styles.about}>{about.about}</p>}
      {shown === "offline" && inUse !== "offline" && <p className={styles.about}>{text.offlineText}</p>}
      <ModelForm
        key={shown}
        provider={shown}
        settings={settings}
        label={shown === inUse ? text.save : text.use}
        saved={saved}
        onSaved={(next) =>
          setSaved(
            next.model?.provider !== shown
              ? text.kept
              : next.model.provider === "offline"
                ? text.saved
                : text.savedModel(modelName(next.model)),
          )
        }
      />
      {shown === "offline" && saved && inUse === "offline" && (
        <p className={styles.saved} role="status">
          {saved}
        </p>
      )}
    </>
  );
}
