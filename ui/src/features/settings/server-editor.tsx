import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { type FormEvent, type ReactNode, type Ref, useState } from "react";
import { type Credentials, commands, type FoundServer, type ModelEntry, type OpenaiServer, type Preset, type Settings } from "@/bindings";
import { Button } from "@/kit/button";
import { Combobox } from "@/kit/combobox";
import { ErrorText } from "@/kit/error-text";
import { Field } from "@/kit/field";
import { Notice } from "@/kit/notice";
import { errorLook, errorText, toWireError } from "@/lib/errors";
import { useCredentials } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./form.module.css";
import { FormFooter } from "./form-footer";
import { usePresets } from "./queries";
import { modelOn, serverOf, withModel, withServers } from "./reference";
import { useSaving } from "./save";
import { KeychainNotice, SavedKey } from "./saved-key";
import { address, freeName, isLocal, isServerName, nameAt, origin } from "./server";
import own from "./server.module.css";

const text = words.settings.server;

/** What the editor begins with: a server of the list (none: a new one), a well-known one, or one that was found. */
export type Draft = { of: string | null; preset: Preset | null; found: FoundServer | null };

type ServerEditorProps = {
  settings: Settings;
  server: OpenaiServer | null;
  draft: Draft;
  label: string;
  saved: string | null;
  onSaved: (settings: Settings, name: string) => void;
  extra?: ReactNode;
  ref: Ref<HTMLFormElement>;
};

/** `time` counts how often was asked: it stands for the key in the cache, which must not hold one. */
type Asked = { base_url: string; key: string | null; byHand: boolean; time: number };

export function ServerEditor({ settings, server, draft, label, saved, onSaved, extra, ref }: ServerEditorProps) {
  const first = settings.model === null;
  const { servers } = settings.openai;
  const begins = draft.preset ?? draft.found;
  const mine = server && settings.model && serverOf(servers, settings.model)?.name === server.name ? settings.model.id : "";
  const [name, setName] = useState(
    begins ? freeName(begins.name, server ? servers.filter((one) => one !== server) : servers) : (server?.name ?? ""),
  );
  const [url, setUrl] = useState(begins?.base_url ?? server?.base_url ?? "");
  const [model, setModel] = useState(draft.found?.models.length === 1 ? (draft.found.models[0] ?? "") : begins ? "" : mine);
  const [key, setKey] = useState("");
  const [replacing, setReplacing] = useState(false);
  const [problem, setProblem] = useState<"name" | "taken" | "url" | "model" | null>(null);
  // A server of the list is asked by itself; an address that is being typed only on wish.
  const [asked, setAsked] = useState<Asked | null>(
    url && (draft.found || (!begins && server)) ? { base_url: url, key: null, byHand: false, time: 0 } : null,
  );
  const credentials = useCredentials().data;
  const preset = usePresets().data?.find((one) => origin(one.base_url) === origin(url));
  const saving = useSaving();
  const looking = useQuery<ModelEntry[]>({
    queryKey: ["models", "server", asked?.base_url, asked?.time],
    queryFn: () => commands.serverModels({ base_url: asked?.base_url ?? "", key: asked?.key ?? null }),
    enabled: asked !== null,
    gcTime: 0,
  });
  // A key is for the server that it was given for; at another address it does not count.
  const owner = servers.find((one) => credentials?.openai.includes(one.name) && origin(one.base_url) === origin(url));
  const asksKey = !owner || replacing;
  const movedAway = server !== null && credentials?.openai.includes(server.name) && origin(url) !== origin(server.base_url);
  const isCurrent = asked !== null && address(asked.base_url) === address(url);
  const found = isCurrent ? looking.data : undefined;
  const lookError = isCurrent && looking.error ? toWireError(looking.error) : null;

  const look = () => {
    if (!url.trim()) return setProblem("url");
    setProblem(null);
    // Trying an address does not put it to use: nothing is saved.
    setAsked({ base_url: url.trim(), key: (asksKey && key.trim()) || null, byHand: true, time: (asked?.time ?? 0) + 1 });
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    // At the first run nobody is asked for a name: it is that of whoever answers there.
    const isMoved = first && !begins && server && origin(url) !== origin(server.base_url);
    const called = isMoved ? nameAt(url, servers) : name.trim();
    if (!isServerName(called)) return setProblem("name");
    if (servers.some((one) => one !== server && one.name === called)) return setProblem("taken");
    if (!url.trim()) return setProblem("url");
    if (first && !model.trim()) return setProblem("model");
    setProblem(null);
    const put = (current: Settings): Settings => {
      const made: OpenaiServer = { name: called, base_url: address(url), key_secret: null };
      const all = current.openai.servers;
      // Saved twice when there is a key: the second time it has its new name already.
      const at = all.findIndex((one) => one.name === server?.name || one.name === called);
      const next =
        at < 0 ? [...all, made] : all.map((one, place) => (place === at ? { ...one, ...made, key_secret: one.key_secret } : one));
      return withServers(current, next, server ? { [server.name]: called } : {});
    };
    const given: Credentials | null = asksKey && key.trim() ? { provider: "openai", server: called, key: key.trim() } : null;
    const isListed = found?.some((entry) => entry.model.id === model.trim()) ?? false;
    const choice = (current: Settings) => withModel(current, modelOn(current.openai.servers, called, model.trim()), isListed);
    const result = await saving.run({ credentials: given, settings: put, choice: model.trim() ? choice : null });
    if (!result) return;
    setKey("");
    setReplacing(false);
    onSaved(result, called);
  };

  const openKeyPage = (page: string) =>
    void commands.linkOpen(page).catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));

  const keyPage = preset?.key_url;
  const keyHint = movedAway ? text.keyElsewhere : isLocal(url) ? text.keyHintLocal : preset?.needs_key ? text.needsKey : undefined;
  const title = server ? text.edited(server.name) : text.fresh;
  const button = first ? label : !model.trim() ? text.save : mine === model.trim() ? words.settings.save : words.settings.use;
  return (
    <form className={styles.form} onSubmit={submit} noValidate ref={ref} data-testid="server-form" aria-label={title}>
      {!first && <h3 className={own.title}>{title}</h3>}
      <div className={first ? styles.fields : styles.pair}>
        {!first && (
          <Field
            label={text.name}
            hint={server && name !== server.name ? text.renameHint : text.nameHint}
            error={problem === "name" ? text.badName : problem === "taken" ? text.takenName : null}
            value={name}
            onChange={(event) => setName(event.target.value)}
            data-testid="server-name"
          />
        )}
        <Field
          label={text.address}
          placeholder="http://127.0.0.1:11434/v1"
          error={problem === "url" ? text.needUrl : null}
          code
          inputMode="url"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
          data-testid="openai-url"
        />
      </div>
      <div className={styles.group}>
        <KeychainNotice />
        {asksKey ? (
          <Field
            label={text.key}
            optional={!preset?.needs_key}
            type="password"
            hint={keyHint}
            placeholder={text.keyPlaceholder}
            code
            value={key}
            onChange={(event) => setKey(event.target.value)}
            data-testid="openai-key"
          />
        ) : (
          <SavedKey of={{ type: "openai", server: owner.name }} onReplace={() => setReplacing(true)} />
        )}
        {asksKey && keyPage && (
          <div>
            <Button small look="quiet" icon={ExternalLink} onClick={() => openKeyPage(keyPage)} data-testid="key-page">
              {text.keyMade}
            </Button>
          </div>
        )}
      </div>
      <div className={styles.group}>
        <Combobox
          label={text.model}
          code
          optional={!first}
          placeholder={text.modelPlaceholder}
          error={problem === "model" ? words.settings.needModel : null}
          value={model}
          loading={looking.isFetching}
          choices={(found ?? []).map(({ model: { id }, vendor }) => ({ value: id, title: id, detail: vendor || undefined }))}
          onPick={setModel}
          onType={setModel}
          testId="openai-model"
        />
        <div className={styles.beside}>
          <p className={styles.hint} role="status" data-testid="found-models">
            {found
              ? found.length
                ? text.foundModels(found.length)
                : text.noModels
              : lookError && !asked?.byHand
                ? errorText(lookError)
                : first
                  ? ""
                  : text.modelHint}
          </p>
          <Button small look="quiet" busy={looking.isFetching} onClick={look} data-testid="look-for-models">
            {looking.isFetching ? text.looking : text.look}
          </Button>
        </div>
        {lookError && asked?.byHand && (
          <Notice
            tone="danger"
            role="alert"
            icon={errorLook(lookError.code).icon}
            title={errorLook(lookError.code).title}
            testId="look-error"
          >
            <ErrorText error={lookError} titled />
          </Notice>
        )}
      </div>
      <FormFooter error={saving.error} saved={saved} busy={saving.busy} label={button}>
        {extra}
      </FormFooter>
    </form>
  );
}
