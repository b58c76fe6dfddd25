import { type FormEvent, useState } from "react";
import type { Settings } from "@/bindings";
import { Field } from "@/kit/field";
import { words } from "@/lib/words";
import styles from "./form.module.css";
import { FormFooter } from "./form-footer";
import { useSaving } from "./save";
import own from "./settings-screen.module.css";

const text = words.settings.network;

export function NetworkSection({ settings }: { settings: Settings }) {
  const [values, setValues] = useState(settings.network);
  const [saved, setSaved] = useState(false);
  const saving = useSaving();
  const set = (change: Partial<Settings["network"]>) => {
    setValues({ ...values, ...change });
    setSaved(false);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const network = { proxy: values.proxy.trim(), ca_file: values.ca_file.trim() };
    setSaved(false);
    const result = await saving.run({ credentials: null, settings: (current) => ({ ...current, network }), choice: null });
    setSaved(result !== null);
  };
  return (
    <>
      <div className={own.intro}>
        <h2>{words.settings.sections.network}</h2>
        <p>{text.text}</p>
      </div>
      <form className={styles.form} onSubmit={submit} noValidate data-testid="network-form">
        <Field
          label={text.proxy}
          optional
          code
          inputMode="url"
          hint={text.proxyHint}
          placeholder="http://proxy:3128"
          value={values.proxy}
          onChange={(event) => set({ proxy: event.target.value })}
          data-testid="network-proxy"
        />
        <Field
          label={text.ca}
          optional
          code
          hint={text.caHint}
          placeholder="/etc/ssl/company.pem"
          value={values.ca_file}
          onChange={(event) => set({ ca_file: event.target.value })}
          data-testid="network-ca"
        />
        <FormFooter
          error={saving.error}
          saved={saved ? words.settings.kept : null}
          busy={saving.busy}
          label={words.settings.save}
          testId="network"
        />
      </form>
    </>
  );
}
