import { useQueryClient } from "@tanstack/react-query";
import { PanelLeft } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useReducer, useState } from "react";
import type { Audience, Bootstrap, EvidenceView, Memory, MessageId, SessionId, Settings, Source } from "@/bindings";
import { ChatScreen } from "@/features/chat/chat-screen";
import { useChange } from "@/features/settings/save";
import { IconButton } from "@/kit/button";
import { Drawer } from "@/kit/dialog";
import { leave } from "@/lib/leave";
import { keys, usePersona } from "@/lib/query";
import { useShortcutKeys } from "@/lib/shortcut";
import { useLook } from "@/lib/sync";
import { useNarrow } from "@/lib/text-size";
import { words } from "@/lib/words";
import { Boundary } from "./boundary";
import { useDesktop } from "./desktop";
import { clearForgotten, useForgetting } from "./forget";
import { useGivingUp } from "./give-up";
import { Overlays } from "./overlays";
import { type Move, move } from "./place";
import styles from "./shell.module.css";
import { Sidebar } from "./sidebar";

const FindScreen = lazy(() => import("@/features/find/find-screen"));
const MemoryScreen = lazy(() => import("@/features/memory/memory-screen"));
const PersonaScreen = lazy(() => import("@/features/persona/persona-screen"));
const SettingsScreen = lazy(() => import("@/features/settings/settings-screen"));

export function Shell({ start, settings, first }: { start: Bootstrap; settings: Settings; first: "chat" | "persona" }) {
  const client = useQueryClient();
  const change = useChange();
  const persona = usePersona().data ?? start.persona;
  const [place, dispatch] = useReducer(move, {
    screen: first,
    audience: settings.audience,
    session: null,
    temporary: false,
    target: null,
    file: null,
    memory: null,
    section: null,
    before: first,
    nonce: 0,
  });
  const narrow = useNarrow(56.25);
  const [sideOpen, setSideOpen] = useState(false);

  const { go: leaving, started, dialog } = useGivingUp(place, dispatch);
  const go = useCallback(
    (next: Move, then?: () => void) =>
      leave(() =>
        leaving(next, () => {
          setSideOpen(false);
          then?.();
        }),
      ),
    [leaving],
  );

  const rememberAudience = useCallback(
    (audience: Settings["audience"]) => {
      const current = client.getQueryData<Settings>(keys.settings);
      if (current && current.audience !== audience) void change((now) => ({ ...now, audience }));
    },
    [client, change],
  );

  useShortcutKeys(settings.shortcuts);
  useDesktop(go);
  useForgetting();
  useLook();

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

  const openChat = useCallback(
    (session: SessionId, message?: MessageId, marked?: string) => go({ to: "chat", session, message, words: marked }),
    [go],
  );
  const openMessage = useCallback(
    (session: SessionId, audience: Audience, message: MessageId) =>
      go({ to: "chat", session, audience, message }, () => rememberAudience(audience)),
    [go, rememberAudience],
  );
  const openSource = useCallback(
    (source: Source) => {
      if (source.kind === "file") return go({ to: "persona", path: source.path, line: source.line });
      if (source.kind === "memory") return go({ to: "memory", id: source.id });
      openMessage(source.session_id, source.audience, source.message_id);
    },
    [go, openMessage],
  );
  const openEvidence = ({ evidence }: EvidenceView, { teller }: Memory) => {
    if (evidence.type === "file") return go({ to: "persona", path: evidence.path, line: evidence.line });
    // What an owner told was said in a session of the owner's, and the same of a visitor.
    if (evidence.type !== "typed")
      openMessage(evidence.session_id, teller, evidence.type === "message" ? evidence.message_id : evidence.through);
  };
  const forgotten = () => {
    clearForgotten()
      // A temporary chat is in no list, and is there all the same.
      .then((there) => place.session && !place.temporary && !there.has(place.session) && dispatch({ to: "forgotten" }))
      // Without the lists nobody knows what is gone; the list itself tells of the failure.
      .catch(() => {});
  };

  const changeAudience = (audience: Settings["audience"]) =>
    leave(() => leaving({ to: "audience", audience }, () => rememberAudience(audience)));

  const sidebar = (
    <Sidebar
      place={place}
      persona={persona}
      settings={settings}
      onMove={go}
      onAudience={changeAudience}
      onDeleted={(gone: SessionId[]) => place.session && gone.includes(place.session) && dispatch({ to: "new-chat" })}
    />
  );

  const lead = narrow ? (
    <IconButton label={words.app.showSidebar} icon={PanelLeft} onClick={() => setSideOpen(true)} data-testid="sidebar-toggle" />
  ) : null;
  return (
    <div className={styles.shell}>
      {narrow ? (
        <Drawer open={sideOpen} onClose={() => setSideOpen(false)} side="start" title={words.app.sidebar}>
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
                temporary={place.temporary}
                target={place.target}
                persona={persona}
                settings={settings}
                onStarted={(session) => started(session, place.audience, place.temporary)}
                onOpen={openChat}
                onOpenSource={openSource}
                onOpenMemory={(id) => go({ to: "memory", id })}
                onOpenSettings={() => go({ to: "settings" })}
                onOpenPersona={() => go({ to: "persona" })}
              />
            )}
            {place.screen === "find" && (
              <FindScreen
                lead={lead}
                audience={place.audience}
                onOpen={(hit, words) => go({ to: "chat", session: hit.session_id, message: hit.message_id, words })}
                onBack={() => go({ to: "back" })}
              />
            )}
            {place.screen === "memory" && (
              <MemoryScreen
                lead={lead}
                audience={place.audience}
                asked={place.memory}
                onOpenSource={openEvidence}
                onForgotten={forgotten}
              />
            )}
            {place.screen === "persona" && <PersonaScreen lead={lead} persona={persona} file={place.file} />}
            {place.screen === "settings" && (
              <SettingsScreen
                lead={lead}
                settings={settings}
                version={start.version}
                home={start.home}
                asked={place.section}
                onReplaced={forgotten}
              />
            )}
          </Suspense>
        </Boundary>
      </div>
      <Overlays place={place} settings={settings} onMove={go} onAudience={changeAudience} />
      {dialog}
    </div>
  );
}
