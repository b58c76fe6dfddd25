import type { FormEvent } from "react";
import type { Settings } from "@/bindings";
import styles from "./form.module.css";
import { FormFooter } from "./form-footer";
import { useSaving } from "./save";

type FormProps = { settings: Settings; label: string; saved: string | null; onSaved: (settings: Settings) => void };

/** How the program calls the model that is no model; the same word in settings, store and context report. */
export const offlineModel = { provider: "offline", id: "" } as const;

export function OfflineForm({ settings, label, saved, onSaved }: FormProps) {
  const saving = useSaving();
  if (settings.model?.provider === "offline") return null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const result = await saving.run({ credentials: null, settings: (current) => ({ ...current, model: offlineModel }) });
    if (result) onSaved(result);
  };
  return (
    <form className={styles.form} onSubmit={submit} data-testid="offline-form">
      <FormFooter error={saving.error} saved={saved} busy={saving.busy} label={label} />
    </form>
  );
}
