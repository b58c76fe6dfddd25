import { ChevronRight } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import type { BedrockSettings, Credentials, Settings } from "@/bindings";
import { Field } from "@/kit/field";
import { Segments } from "@/kit/segments";
import { useCredentials } from "@/lib/query";
import { words } from "@/lib/words";
import styles from "./form.module.css";
import { FormFooter } from "./form-footer";
import { useSaving } from "./save";
import { KeychainNotice, SavedKey } from "./saved-key";

type FormProps = { settings: Settings; label: string; saved: string | null; onSaved: (settings: Settings) => void; extra?: ReactNode };

const noKeys = { access_key_id: "", secret_access_key: "", session_token: "" };

export function BedrockForm({ settings, label, saved, onSaved, extra }: FormProps) {
  const [model, setModel] = useState(settings.model?.provider === "bedrock" ? settings.model.id : "");
  const [values, setValues] = useState<BedrockSettings>(settings.bedrock);
  const [keys, setKeys] = useState(noKeys);
  const [replacing, setReplacing] = useState(false);
  const [problem, setProblem] = useState<"model" | "profile" | "keys" | null>(null);
  const hasKeys = useCredentials().data?.bedrock ?? false;
  const saving = useSaving();
  const asksKeys = values.credentials === "keys" && (!hasKeys || replacing);
  const set = (change: Partial<BedrockSettings>) => setValues({ ...values, ...change });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const typed = keys.access_key_id.trim() !== "" && keys.secret_access_key.trim() !== "";
    if (!model.trim()) return setProblem("model");
    if (values.credentials === "profile" && !values.profile.trim()) return setProblem("profile");
    if (asksKeys && !typed) return setProblem("keys");
    setProblem(null);
    const credentials: Credentials | null = asksKeys
      ? {
          provider: "bedrock",
          access_key_id: keys.access_key_id.trim(),
          secret_access_key: keys.secret_access_key.trim(),
          session_token: keys.session_token.trim() || null,
        }
      : null;
    const result = await saving.run({
      credentials,
      settings: (current) => ({
        ...current,
        model: { provider: "bedrock", id: model.trim() },
        bedrock: {
          ...values,
          region: values.region.trim(),
          profile: values.profile.trim(),
          endpoint_url: values.endpoint_url.trim(),
          keys_secret: current.bedrock.keys_secret,
        },
      }),
    });
    if (!result) return;
    setKeys(noKeys);
    setReplacing(false);
    onSaved(result);
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate data-testid="bedrock-form">
      <Field
        label={words.settings.modelId}
        hint={words.settings.bedrockModelHint}
        placeholder={words.settings.bedrockModelPlaceholder}
        error={problem === "model" ? words.settings.needModel : null}
        code
        value={model}
        onChange={(event) => setModel(event.target.value)}
        data-testid="bedrock-model"
      />
      <Field
        label={words.settings.region}
        optional
        hint={words.settings.regionHint}
        placeholder={words.settings.regionPlaceholder}
        code
        value={values.region}
        onChange={(event) => set({ region: event.target.value })}
        data-testid="bedrock-region"
      />
      <div className={styles.group}>
        <span className={styles.label}>{words.settings.credentials}</span>
        <Segments
          label={words.settings.credentials}
          testId="bedrock-credentials"
          value={values.credentials}
          options={[
            { value: "chain", label: words.settings.chain },
            { value: "profile", label: words.settings.profile },
            { value: "keys", label: words.settings.keys },
          ]}
          onChange={(credentials) => set({ credentials })}
        />
        {values.credentials === "chain" && <p className={styles.hint}>{words.settings.chainHint}</p>}
      </div>
      {values.credentials === "profile" && (
        <Field
          label={words.settings.profileName}
          placeholder={words.settings.profilePlaceholder}
          error={problem === "profile" ? words.settings.needProfile : null}
          code
          value={values.profile}
          onChange={(event) => set({ profile: event.target.value })}
          data-testid="bedrock-profile"
        />
      )}
      {values.credentials === "keys" && <KeychainNotice />}
      {values.credentials === "keys" && !asksKeys && <SavedKey provider="bedrock" onReplace={() => setReplacing(true)} />}
      {asksKeys && (
        <>
          <Field
            label={words.settings.accessKey}
            code
            error={problem === "keys" ? words.settings.needKeys : null}
            value={keys.access_key_id}
            onChange={(event) => setKeys({ ...keys, access_key_id: event.target.value })}
            data-testid="bedrock-access-key"
          />
          <Field
            label={words.settings.secretKey}
            type="password"
            code
            value={keys.secret_access_key}
            onChange={(event) => setKeys({ ...keys, secret_access_key: event.target.value })}
            data-testid="bedrock-secret-key"
          />
          <Field
            label={words.settings.sessionToken}
            type="password"
            optional
            code
            value={keys.session_token}
            onChange={(event) => setKeys({ ...keys, session_token: event.target.value })}
            data-testid="bedrock-session-token"
          />
        </>
      )}
      <details className={styles.advanced} open={values.endpoint_url !== "" || undefined} data-testid="bedrock-advanced">
        <summary>
          <ChevronRight size={14} strokeWidth={2} aria-hidden />
          {words.settings.advanced}
        </summary>
        <Field
          label={words.settings.endpoint}
          optional
          hint={words.settings.endpointHint}
          code
          inputMode="url"
          value={values.endpoint_url}
          onChange={(event) => set({ endpoint_url: event.target.value })}
          data-testid="bedrock-endpoint"
        />
      </details>
      <FormFooter error={saving.error} saved={saved} busy={saving.busy} label={label}>
        {extra}
      </FormFooter>
    </form>
  );
}
