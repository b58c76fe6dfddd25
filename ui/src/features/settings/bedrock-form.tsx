import { type FormEvent, useEffect, useRef, useState } from "react";
import type { BedrockSettings, Credentials, ModelRef, Reach, Settings } from "@/bindings";
import { Field } from "@/kit/field";
import { Segments } from "@/kit/segments";
import { entryOf } from "@/lib/model";
import { useCatalogue, useCredentials } from "@/lib/query";
import { words } from "@/lib/words";
import { BedrockAdvanced } from "./bedrock-advanced";
import { BedrockModel } from "./bedrock-model";
import { ConnectionTest } from "./connection-test";
import styles from "./form.module.css";
import { FormFooter } from "./form-footer";
import { Identity } from "./identity";
import type { ModelFormProps } from "./model-form";
import { ProfileChoice } from "./profile-choice";
import { useProfiles } from "./queries";
import { routeWithin, withModel } from "./reference";
import { Rows } from "./rows";
import { useSaving } from "./save";
import { KeychainNotice, SavedKey } from "./saved-key";

const text = words.settings;
const noKeys = { access_key_id: "", secret_access_key: "", session_token: "", api_key: "" };
type Problem = "model" | "profile" | "keys" | "api_key" | "guardrail";

const trimmed = (values: BedrockSettings): BedrockSettings => ({
  ...values,
  region: values.region.trim(),
  profile: values.profile.trim(),
  endpoint_url: values.endpoint_url.trim(),
  control_endpoint_url: values.control_endpoint_url.trim(),
  guardrail: values.guardrail && { id: values.guardrail.id.trim(), version: values.guardrail.version.trim() },
});

/** The names of secrets are the program's; everything else is what the form says. */
const put = (current: Settings, values: BedrockSettings): Settings => {
  const { keys_secret, api_key_secret } = current.bedrock;
  return { ...current, bedrock: { ...trimmed(values), keys_secret, api_key_secret } };
};

export function BedrockForm({ settings, label, saved, onSaved, extra }: Omit<ModelFormProps, "provider">) {
  const first = settings.model === null;
  const [model, setModel] = useState(settings.model?.provider === "bedrock" ? settings.model.id : "");
  const [values, setValues] = useState<BedrockSettings>(settings.bedrock);
  const [touched, setTouched] = useState(false);
  const [typed, setTyped] = useState(noKeys);
  const [replacing, setReplacing] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const catalogue = useCatalogue(true).data;
  const profiles = useProfiles().data;
  const keys = useCredentials().data;
  const saving = useSaving();
  const { credentials } = values;
  const set = (change: Partial<BedrockSettings>) => setValues((before) => ({ ...before, ...change }));

  // At the first run the simplest way comes first: where AWS tools were set up before, that is one of their profiles.
  useEffect(() => {
    if (!first || touched || !profiles?.length || settings.bedrock.credentials !== "chain") return;
    setValues((before) => ({ ...before, credentials: "profile", profile: profiles.length === 1 ? (profiles[0]?.name ?? "") : "" }));
  }, [first, touched, profiles, settings.bedrock.credentials]);

  // What is missing may be far above the button that was pressed.
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const missing = problem && form.current?.querySelector<HTMLElement>("[aria-invalid=true], [role=alert]");
    missing?.scrollIntoView({ block: "center" });
    if (missing instanceof HTMLInputElement) missing.focus();
  }, [problem]);

  const hasKeys = credentials === "keys" ? (keys?.bedrock_keys ?? false) : (keys?.bedrock_api_key ?? false);
  const asks = (credentials === "keys" || credentials === "api_key") && (!hasKeys || replacing);
  const isTyped = asks && (credentials === "keys" ? typed.access_key_id.trim() !== "" : typed.api_key.trim() !== "");
  const unsaved = isTyped || JSON.stringify(put(settings, values).bedrock) !== JSON.stringify(settings.bedrock);
  const now = trimmed(values);
  const sameIdentity =
    !asks &&
    now.credentials === settings.bedrock.credentials &&
    now.region === settings.bedrock.region &&
    (credentials !== "profile" || now.profile === settings.bedrock.profile);
  const profile = credentials === "profile" ? profiles?.find(({ name }) => name === now.profile) : undefined;

  const lacks = (): Problem | null => {
    if (credentials === "profile" && !now.profile) return "profile";
    if (asks && credentials === "keys" && !(typed.access_key_id.trim() && typed.secret_access_key.trim())) return "keys";
    if (asks && credentials === "api_key" && !typed.api_key.trim()) return "api_key";
    if (now.guardrail && !(now.guardrail.id && now.guardrail.version)) return "guardrail";
    return null;
  };

  const given = (): Credentials | null => {
    if (!asks) return null;
    if (credentials === "api_key") return { provider: "bedrock_api_key", key: typed.api_key.trim() };
    return {
      provider: "bedrock",
      access_key_id: typed.access_key_id.trim(),
      secret_access_key: typed.secret_access_key.trim(),
      session_token: typed.session_token.trim() || null,
    };
  };

  const keep = async (choice: ((current: Settings) => Settings) | null): Promise<Settings | null> => {
    const lack = lacks();
    setProblem(lack);
    if (lack) return null;
    const result = await saving.run({ credentials: given(), settings: (current) => put(current, values), choice });
    if (result) {
      setTyped(noKeys);
      setReplacing(false);
    }
    return result;
  };
  const keepConnection = async () => (await keep(null)) !== null;

  const chosen: ModelRef | null = model.trim() ? { provider: "bedrock", id: model.trim() } : null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!chosen) return setProblem(lacks() ?? "model");
    const result = await keep((current) => withModel(current, chosen, entryOf(catalogue, chosen) !== undefined));
    if (result) onSaved(result);
  };

  const setReach = (reach: Reach) => {
    set({ reach });
    // The same model by the way that the new reach allows: nobody has to know prefixes.
    const entry = chosen && entryOf(catalogue, chosen);
    const route = entry?.routes.some(({ id }) => id === chosen?.id) ? routeWithin(entry, reach) : null;
    if (route) setModel(route.id);
  };
  const reachRows = (
    <div className={styles.group}>
      <span className={styles.label}>{text.reach.label}</span>
      <Rows
        label={text.reach.label}
        testId="bedrock-reach"
        value={values.reach}
        rows={(["region", "geography", "global"] as const).map((value) => ({
          value,
          title: text.reach.values[value],
          text: text.reach.texts[value],
        }))}
        onChange={setReach}
      />
    </div>
  );

  const field = (name: keyof typeof noKeys) => ({
    code: true,
    value: typed[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => setTyped({ ...typed, [name]: event.target.value }),
  });

  return (
    <form className={styles.form} onSubmit={submit} noValidate ref={form} data-testid="bedrock-form">
      <div className={styles.group}>
        <span className={styles.label}>{text.credentials}</span>
        <Segments
          label={text.credentials}
          testId="bedrock-credentials"
          value={credentials}
          options={(["profile", "api_key", "keys", "chain"] as const).map((value) => ({ value, label: text.credentialWays[value] }))}
          onChange={(next) => {
            set({ credentials: next });
            setTouched(true);
            setReplacing(false);
            setProblem(null);
          }}
        />
        {credentials === "chain" && <p className={styles.hint}>{text.chainHint}</p>}
        {credentials === "profile" && (
          <ProfileChoice
            value={values.profile}
            error={problem === "profile" ? text.needProfile : null}
            onChange={(next) => {
              set({ profile: next });
              setTouched(true);
            }}
          />
        )}
        {(credentials === "keys" || credentials === "api_key") && <KeychainNotice />}
        {(credentials === "keys" || credentials === "api_key") && !asks && (
          <SavedKey of={{ type: credentials === "keys" ? "bedrock_keys" : "bedrock_api_key" }} onReplace={() => setReplacing(true)} />
        )}
        {asks && credentials === "api_key" && (
          <Field
            label={text.apiKey}
            type="password"
            hint={text.apiKeyHint}
            placeholder={text.server.keyPlaceholder}
            error={problem === "api_key" ? text.needApiKey : null}
            {...field("api_key")}
            data-testid="bedrock-api-key"
          />
        )}
        {asks && credentials === "keys" && (
          <div className={styles.fields}>
            <Field
              label={text.accessKey}
              error={problem === "keys" ? text.needKeys : null}
              {...field("access_key_id")}
              data-testid="bedrock-access-key"
            />
            <Field label={text.secretKey} type="password" {...field("secret_access_key")} data-testid="bedrock-secret-key" />
            <Field label={text.sessionToken} type="password" optional {...field("session_token")} data-testid="bedrock-session-token" />
          </div>
        )}
        {!asks && <Identity saved={sameIdentity} profile={profile?.signs_in ? profile.name : null} isChain={credentials === "chain"} />}
      </div>
      <Field
        label={text.region}
        optional
        hint={profile?.region ? text.regionOfProfile(profile.region) : text.regionHint}
        placeholder={profile?.region ?? text.regionPlaceholder}
        code
        value={values.region}
        onChange={(event) => {
          set({ region: event.target.value });
          setTouched(true);
        }}
        data-testid="bedrock-region"
      />
      <BedrockModel
        value={model}
        reach={values.reach}
        error={problem === "model" ? text.needModel : null}
        unsaved={unsaved}
        onSave={keepConnection}
        onChange={setModel}
      />
      {!first && reachRows}
      <BedrockAdvanced values={values} problem={problem === "guardrail" ? text.needGuardrail : null} onChange={set}>
        {first && reachRows}
      </BedrockAdvanced>
      <ConnectionTest model={chosen} unsaved={unsaved} onSave={keepConnection} />
      <FormFooter error={saving.error} saved={saved} busy={saving.busy} label={label}>
        {extra}
      </FormFooter>
    </form>
  );
}
