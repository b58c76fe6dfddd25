import { useRef, useState } from "react";
import type { Settings } from "@/bindings";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./form.module.css";
import type { ModelFormProps } from "./model-form";
import { embedderServer, serverOf, withRemoved, withServers } from "./reference";
import { useChange } from "./save";
import { freeName } from "./server";
import { ServerAdd } from "./server-add";
import { type Draft, ServerEditor } from "./server-editor";
import { ServerList } from "./server-list";

const text = words.settings.server;

/** The servers, one of which is being edited, and the ways to another one. */
export function OpenaiForm({ settings, label, saved, onSaved, extra }: Omit<ModelFormProps, "provider">) {
  const first = settings.model === null;
  const { servers } = settings.openai;
  const inUse = settings.model ? serverOf(servers, settings.model) : undefined;
  const change = useChange();
  const editor = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<Draft>(() => ({ of: (inUse ?? servers[0])?.name ?? null, preset: null, found: null }));
  const [savedName, setSavedName] = useState<string | null>(null);
  const edited = servers.find(({ name }) => name === draft.of) ?? null;

  const edit = (next: Draft) => {
    setDraft(next);
    setSavedName(null);
    // What was asked for is below, perhaps out of sight.
    requestAnimationFrame(() => editor.current?.scrollIntoView({ block: "nearest" }));
  };

  const add = async (name: string, base_url: string) => {
    const called = freeName(name, servers);
    const added = (current: Settings) => withServers(current, [...current.openai.servers, { name: called, base_url, key_secret: null }]);
    if (!(await change(added))) return;
    showToast(text.added(called));
    edit({ of: called, preset: null, found: null });
  };

  const makeFirst = async (name: string) => {
    const moved = (current: Settings) => {
      const all = current.openai.servers;
      return withServers(current, [...all.filter((one) => one.name === name), ...all.filter((one) => one.name !== name)]);
    };
    if (await change(moved)) showToast(text.madeFirst(name));
  };

  const remove = async (name: string) => {
    let was = { before: settings, after: settings };
    const without = (before: Settings) => {
      const after = withServers(
        before,
        before.openai.servers.filter((one) => one.name !== name),
      );
      // Asked again once it is saved, it takes out nothing.
      if (before.openai.servers.length > after.openai.servers.length) was = { before, after };
      return after;
    };
    if (!(await change(without))) return;
    if (draft.of === name) setDraft({ of: servers.find((one) => one.name !== name)?.name ?? null, preset: null, found: null });
    showToast(text.removed(name), {
      action: {
        label: text.undo,
        run: () => {
          const back = (current: Settings) => withRemoved(current, was.before, was.after, name);
          void change(back).then((done) => done && showToast(text.back(name)));
        },
      },
    });
  };

  return (
    <div className={styles.form} data-testid="openai-form">
      {!first && (
        <ServerList
          servers={servers}
          inUse={inUse?.name ?? null}
          embedder={embedderServer(settings)?.name ?? null}
          edited={draft.of}
          onEdit={(name) => edit({ of: name, preset: null, found: null })}
          onMakeFirst={(name) => void makeFirst(name)}
          onRemove={(name) => void remove(name)}
        />
      )}
      <ServerAdd
        servers={servers}
        first={first}
        onAdd={(found) => void add(found.name, found.base_url)}
        onUse={(found) => {
          const known = servers.find(({ base_url }) => base_url === found.base_url);
          edit({ of: known?.name ?? (first ? (servers[0]?.name ?? null) : null), preset: null, found });
        }}
        onPreset={(preset) => edit({ of: first ? (servers[0]?.name ?? null) : null, preset, found: null })}
        shown={draft}
      />
      <ServerEditor
        // Another server, or another beginning, is another form.
        key={`${edited?.name ?? ""}|${draft.preset?.name ?? ""}|${draft.found?.base_url ?? ""}`}
        ref={editor}
        settings={settings}
        server={edited}
        draft={draft}
        label={label}
        saved={savedName === draft.of && !draft.preset ? saved : null}
        onSaved={(result, name) => {
          setDraft({ of: name, preset: null, found: null });
          setSavedName(name);
          onSaved(result);
        }}
        extra={extra}
      />
    </div>
  );
}
