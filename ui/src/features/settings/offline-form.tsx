import type { FormEvent } from "react";
import { words } from "@/lib/words";
import styles from "./form.module.css";
import { FormFooter } from "./form-footer";
import type { ModelFormProps } from "./model-form";
import { offlineModel } from "./reference";
import { useSaving } from "./save";

export function OfflineForm({ settings, saved, onSaved }: Omit<ModelFormProps, "provider">) {
  const saving = useSaving();
  if (settings.model?.provider === "offline") return <p className={styles.hint}>{words.settings.offlineInUse}</p>;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const choice = (current: typeof settings) => ({ ...current, model: offlineModel });
    const result = await saving.run({ credentials: null, settings: (current) => current, choice });
    if (result) onSaved(result);
  };
  return (
    <form className={styles.form} onSubmit={submit} data-testid="offline-form">
      <FormFooter error={saving.error} saved={saved} busy={saving.busy} label={words.settings.use} />
    </form>
  );
}
