import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Direction } from "radix-ui";
import { lazy, Suspense, useEffect, useState } from "react";
import type { Bootstrap } from "@/bindings";
import { bootstrap as askToBegin } from "@/host/early";
import { listenToNotices } from "@/host/notices";
import { Button } from "@/kit/button";
import { Toasts } from "@/kit/toast";
import { toWireError } from "@/lib/errors";
import { applyNotice, keys, useSettings } from "@/lib/query";
import { useTextSize } from "@/lib/text-size";
import { useTheme } from "@/lib/theme";
import { showToast } from "@/lib/toast";
import { useLanguage, words } from "@/lib/words";
import { useDesktopWords } from "./desktop";
import { changeLanguage } from "./language";
import { Quick } from "./quick";
import { Shell } from "./shell";
import { Trouble } from "./trouble";

const Welcome = lazy(() => import("@/features/welcome/welcome"));
const ModelForm = lazy(() => import("@/features/settings/model-form"));

export function App({ quick = false }: { quick?: boolean }) {
  const client = useQueryClient();
  useDesktopWords();
  const bootstrap = useQuery<Bootstrap>({
    queryKey: keys.bootstrap,
    queryFn: async () => {
      const start = await askToBegin();
      client.setQueryData(keys.persona, start.persona);
      client.setQueryData(keys.settings, start.settings);
      return start;
    },
  });

  useEffect(
    () =>
      listenToNotices((notice) => {
        applyNotice(client, notice);
        const { event } = notice;
        if (event.type !== "persona_reloaded") return;
        showToast(words.app.personaReloaded(event.files.filter(Boolean), event.problems), { tone: event.problems > 0 ? "warn" : "good" });
      }),
    [client],
  );

  const trouble = bootstrap.error ? toWireError(bootstrap.error) : bootstrap.data?.trouble;
  if (trouble) return <Trouble error={trouble} busy={bootstrap.isFetching} onAgain={() => void bootstrap.refetch()} />;
  if (!bootstrap.data) return <p className="visually-hidden">{words.app.loading}</p>;
  return (
    <Direction.Provider dir={document.documentElement.dir === "rtl" ? "rtl" : "ltr"}>
      <Ready start={bootstrap.data} quick={quick} />
    </Direction.Provider>
  );
}

function Ready({ start, quick }: { start: Bootstrap; quick: boolean }) {
  const client = useQueryClient();
  const settings = useSettings().data ?? start.settings;
  const [first, setFirst] = useState<"chat" | "persona">("chat");
  useTheme(settings.theme);
  useTextSize(settings.text_size);
  useLanguage(settings.language, changeLanguage);
  return (
    <>
      {quick ? (
        <Quick start={start} settings={settings} />
      ) : settings.model === null ? (
        <Suspense fallback={null}>
          <Welcome
            persona={start.persona}
            onDone={(then) => {
              setFirst(then);
              void client.invalidateQueries({ queryKey: keys.settings });
            }}
            form={(provider, onCancel) => (
              <Suspense fallback={null}>
                <ModelForm
                  key={provider}
                  provider={provider}
                  settings={settings}
                  label={words.settings.use}
                  saved={null}
                  onSaved={() => setFirst("chat")}
                  extra={<Button onClick={onCancel}>{words.welcome.hide}</Button>}
                />
              </Suspense>
            )}
          />
        </Suspense>
      ) : (
        <Shell start={start} settings={settings} first={first} />
      )}
      <Toasts />
    </>
  );
}
