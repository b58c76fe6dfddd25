import { useQueryClient } from "@tanstack/react-query";
import { PanelLeft } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useReducer, useState } from "react";
import { type Bootstrap, commands, type SessionId, type Settings, type Source } from "@/bindings";
import { ChatScreen } from "@/features/chat/chat-screen";
import { IconButton } from "@/kit/button";
import { Drawer } from "@/kit/dialog";
import { errorText, toWireError } from "@/lib/errors";
import { leave } from "@/lib/leave";
import { keys, usePersona } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { useMedia } from "@/lib/use-media";
import { words } from "@/lib/words";
import { Boundary } from "./boundary";
import { type Move, move } from "./place";
import styles from "./shell.module.css";
import { Sidebar } from "./sidebar";

const PersonaScreen = lazy(() => import("@/features/persona/persona-screen"));
const SettingsScreen = lazy(() => import("@/features/settings/settings-screen"));

export function Shell({ start, settings, first }: { start: Bootstrap; settings: Settings; first: "chat" | "persona" }) {
  const client = useQueryClient();
  const persona = usePersona().data ?? start.persona;
  const [place, dispatch] = useReducer(move, {
    screen: first,
    audience: settings.audience,
    session: null,
    target: null,
    file: null,
    nonce: 0,
  });
  const narrow = useMedia("(max-width: 900px)");
  const [sideOpen, setSideOpen] = useState(false);

  const go = useCallback((next: Move) => {
    leave(() => {
      dispatch(next);
      setSideOpen(false);
    });
  }, []);

  const rememberAudience = useCallback(
    (audience: Settings["audience"]) => {
      const current = client.getQueryData<Settings>(keys.settings);
      if (!current || current.audience === audience) return;
      client.setQueryData<Settings>(keys.settings, { ...current, audience });
      commands.settingsSave({ ...current, audience }).catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
    },
    [client],
  );

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      if (document.querySelector("[role=dialog]")) return;
      if (event.key.toLowerCase() === "n") go({ to: "new-chat" });
      else if (event.key === ",") go({ to: "settings" });
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [go]);

  // A file that is dropped where nobody takes it would replace the page.
  useEffect(() => {
    const refuse = (event: DragEvent) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    };
    window.addEventListener("dragover", refuse);
    window.addEventListener("drop", refuse);
    return () => {
      window.removeEventListener("dragover", refuse);
      window.removeEventListener("drop", refuse);
    };
  }, []);

  const openSource = useCallback(
    (source: Source) => {
      if (source.kind === "file") return go({ to: "persona", path: source.path, line: source.line });
      rememberAudience(source.audience);
      go({ to: "chat", session: source.session_id, audience: source.audience, message: source.message_id });
    },
    [go, rememberAudience],
  );

  const sidebar = (
    <Sidebar
      place={place}
      persona={persona}
      settings={settings}
      onMove={go}
      onAudience={(audience) => {
        leave(() => {
          rememberAudience(audience);
          dispatch({ to: "audience", audience });
        });
      }}
      onDeleted={(session: SessionId) => session === place.session && dispatch({ to: "new-chat" })}
    />
  );

  const lead = narrow ? (
    <IconButton label={words.app.showSidebar} icon={PanelLeft} onClick={() => setSideOpen(true)} data-testid="sidebar-toggle" />
  ) : null;
  return (
    <div className={styles.shell}>
      {narrow ? (
        <Drawer open={sideOpen} onClose={() => setSideOpen(false)} side="left" title={words.app.sidebar}>
          {sidebar}
        </Drawer>
      ) : (
        <aside className={styles.side} aria-label={words.app.sidebar}>
          {sidebar}
        </aside>
      )}
      <div className={styles.content}>
        <Boundary key={place.screen}>
          <Suspense fallback={null}>
            {place.screen === "chat" && (
              <ChatScreen
                lead={lead}
                session={place.session}
                audience={place.audience}
                target={place.target}
                persona={persona}
                settings={settings}
                onStarted={(session) => dispatch({ to: "started", session, audience: place.audience })}
                onOpenSource={openSource}
                onOpenSettings={() => go({ to: "settings" })}
                onOpenPersona={() => go({ to: "persona" })}
              />
            )}
            {place.screen === "persona" && <PersonaScreen lead={lead} persona={persona} file={place.file} />}
            {place.screen === "settings" && <SettingsScreen lead={lead} settings={settings} version={start.version} home={start.home} />}
          </Suspense>
        </Boundary>
      </div>
    </div>
  );
}
