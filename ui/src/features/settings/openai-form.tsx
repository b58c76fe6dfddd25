import { type FormEvent, type ReactNode, useState } from "react";
import { type Credentials, commands, type Settings, type WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { CodeText } from "@/kit/code-text";
import { Field } from "@/kit/field";
import { Notice } from "@/kit/notice";
import { errorLook, errorText, toWireError } from "@/lib/errors";
import { useCredentials } from "@/lib/query";
import { words } from "@/lib/words";
import styles from "./form.module.css";
import { FormFooter } from "./form-footer";
import { useSaving } from "./save";
import { KeychainNotice, SavedKey } from "./saved-key";

type FormProps = { settings: Settings; label: string; saved: string | null; onSaved: (settings: Settings) => void; extra?: ReactNode };

const origin = (url: string) => (URL.canParse(url.trim()) ? new URL(url.trim()).origin : url.trim());

/** Where these servers listen when nobody has changed it (their own documentation). */
const presets = [
  { name: "Ollama", url: "http://127.0.0.1:11434/v1" },
  { name: "LM Studio", url: "http://127.0.0.1:1234/v1" },
  { name: "llama.cpp", url: "http://127.0.0.1:8080/v1" },
  { name: "OpenAI", url: "https://api.openai.com/v1" },
];

const isLocal = (url: string) => /^https?:\/\/(?:localhost|127\.|\[::1\])/i.test(url.trim());

export function OpenaiForm({ settings, label, saved, onSaved, extra }: FormProps) {
  const [model, setModel] = useState(settings.model?.provider === "openai" ? settings.model.id : "");
  const [url, setUrl] = useState(settings.openai.base_url);
  const [key, setKey] = useState("");
  const [replacing, setReplacing] = useState(false);
  const [problem, setProblem] = useState<"url" | "model" | null>(null);
  const [found, setFound] = useState<string[] | null>(null);
  const [looking, setLooking] = useState(false);
  const [lookError, setLookError] = useState<WireError | null>(null);
  const hasKey = useCredentials().data?.openai ?? false;
  const saving = useSaving();
  // A key is for the server that it was given for; at another address it does not count.
  const asksKey = !hasKey || replacing || origin(url) !== origin(settings.openai.base_url);

  const put = (change: (current: Settings) => Settings) => {
    const credentials: Credentials | null = asksKey && key.trim() ? { provider: "openai", key: key.trim() } : null;
    return saving.run({ credentials, settings: change }).then((result) => {
      if (result && credentials) {
        setKey("");
        setReplacing(false);
      }
      return result;
    });
  };

  const look = async () => {
    if (!url.trim()) return setProblem("url");
    setProblem(null);
    setLooking(true);
    setFound(null);
    setLookError(null);
    try {
      // Trying an address does not put it to use: nothing is saved.
      setFound(await commands.modelList("openai", { base_url: url.trim(), key: (asksKey && key.trim()) || null }));
    } catch (thrown) {
      setLookError(toWireError(thrown));
    } finally {
      setLooking(false);
    }
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!url.trim()) return setProblem("url");
    if (!model.trim()) return setProblem("model");
    setProblem(null);
    const result = await put((current) => ({
      ...current,
      openai: { ...current.openai, base_url: url.trim() },
      model: { provider: "openai", id: model.trim() },
    }));
    if (result) onSaved(result);
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate data-testid="openai-form">
      <div className={styles.group}>
        <Field
          label={words.settings.baseUrl}
          placeholder={presets[0]?.url}
          error={problem === "url" ? words.settings.needUrl : null}
          code
          inputMode="url"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
          data-testid="openai-url"
        />
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset inside a field's own group says it twice */}
        <div className={styles.presets} role="group" aria-label={words.settings.presets}>
          {presets.map((preset) => (
            <button
              key={preset.name}
              type="button"
              className={classNames(styles.preset, preset.url === url.trim() && styles.on)}
              aria-pressed={preset.url === url.trim()}
              onClick={() => setUrl(preset.url)}
            >
              {preset.name}
            </button>
          ))}
        </div>
      </div>
      <KeychainNotice />
      {asksKey ? (
        <Field
          label={words.settings.key}
          optional
          type="password"
          hint={isLocal(url) ? words.settings.keyHintLocal : undefined}
          placeholder={words.settings.keyPlaceholder}
          code
          value={key}
          onChange={(event) => setKey(event.target.value)}
          data-testid="openai-key"
        />
      ) : (
        <SavedKey provider="openai" onReplace={() => setReplacing(true)} />
      )}
      <div className={styles.group}>
        <div className={styles.withButton}>
          <Field
            label={words.settings.modelId}
            placeholder={words.settings.openaiModelPlaceholder}
            error={problem === "model" ? words.settings.needModel : null}
            code
            value={model}
            onChange={(event) => setModel(event.target.value)}
            data-testid="openai-model"
          />
          <Button busy={looking} onClick={() => void look()} data-testid="look-for-models">
            {looking ? words.settings.looking : words.settings.look}
          </Button>
        </div>
        <div role="status">
          {found && <p className={styles.hint}>{found.length ? words.settings.found(found.length) : words.settings.foundNone}</p>}
        </div>
        {found && found.length > 0 && (
          <div className={styles.presets} data-testid="found-models">
            {found.slice(0, 40).map((name) => (
              <button
                key={name}
                type="button"
                className={classNames(styles.preset, styles.code, name === model && styles.on)}
                aria-pressed={name === model}
                onClick={() => setModel(name)}
              >
                {name}
              </button>
            ))}
          </div>
        )}
        {lookError && (
          <Notice
            tone="danger"
            role="alert"
            icon={errorLook(lookError.code).icon}
            title={errorLook(lookError.code).title}
            testId="look-error"
          >
            <CodeText text={errorText(lookError)} />
          </Notice>
        )}
      </div>
      <FormFooter error={saving.error} saved={saved} busy={saving.busy && !looking} label={label}>
        {extra}
      </FormFooter>
    </form>
  );
}
