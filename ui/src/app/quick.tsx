import { AppWindow, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { type Bootstrap, commands, type MessageId, type SessionId, type Settings } from "@/bindings";
import { discard, holdsFiles } from "@/features/chat/attachments";
import { ChatScreen } from "@/features/chat/chat-screen";
import { holdsEdits } from "@/features/chat/edit";
import type { Target } from "@/features/chat/thread";
import { Button, IconButton } from "@/kit/button";
import { Notice } from "@/kit/notice";
import { handOver, readDraft } from "@/lib/drafts";
import { errorText, toWireError } from "@/lib/errors";
import { isComposing } from "@/lib/keys";
import { usePersona } from "@/lib/query";
import { useShortcutKeys } from "@/lib/shortcut";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./quick.module.css";

const text = words.desktop;
const hide = () => void commands.quickHide().catch(warn);
const warn = (thrown: unknown) => showToast(errorText(toWireError(thrown)), { tone: "warn" });
/** What Esc closes before the window. */
const inFront = "[role=dialog],[role=menu],[role=listbox]";

const holdsWork = (session: SessionId) => readDraft(session).trim() !== "" || holdsEdits(session) || holdsFiles(session);

/** The small window for a question in between: each time it is shown, a new chat, unless something was begun in the last one. */
export function Quick({ start, settings }: { start: Bootstrap; settings: Settings }) {
  const persona = usePersona().data ?? start.persona;
  const [session, setSession] = useState<SessionId | null>(null);
  const [target, setTarget] = useState<Target | null>(null);
  const root = useRef<HTMLDivElement>(null);

  const openMain = (id: SessionId | null) => {
    // What could not go over stays, with its chat.
    if (!session || handOver(session)) {
      if (session) discard(session);
      setSession(null);
    }
    void commands.mainShow(id).catch(warn);
  };
  const open = (id: SessionId, message?: MessageId, words?: string) => {
    if (id !== session || !message) return openMain(id);
    setTarget((last) => ({ message, words, nonce: (last?.nonce ?? 0) + 1 }));
  };

  useShortcutKeys(settings.shortcuts);
  // After the shortcuts: what Esc closes or stops has had its turn first.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || isComposing(event) || document.querySelector(inFront)) return;
      event.preventDefault();
      hide();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  useEffect(() => {
    let hidden = false;
    const onVisible = () => {
      if (document.visibilityState === "hidden") hidden = true;
      else onShow();
    };
    const onShow = () => {
      if (hidden) setSession((last) => (last && holdsWork(last) ? last : null));
      hidden = false;
      root.current?.querySelector("textarea")?.focus();
    };
    document.addEventListener("visibilitychange", onVisible);
    window.addEventListener("focus", onShow);
    return () => {
      document.removeEventListener("visibilitychange", onVisible);
      window.removeEventListener("focus", onShow);
    };
  }, []);

  const controls = (
    <>
      <IconButton label={text.hide} icon={X} onClick={hide} data-testid="quick-hide" />
      {session && (
        <Button small look="quiet" icon={AppWindow} onClick={() => openMain(session)} data-testid="open-in-main">
          {text.openInMain}
        </Button>
      )}
    </>
  );
  return (
    <div className={styles.quick} ref={root} data-testid="quick">
      {settings.model === null ? (
        <div className={styles.state}>
          <Notice title={text.notReady} actions={<Button onClick={() => openMain(null)}>{text.openInMain}</Button>}>
            {text.notReadyText}
          </Notice>
        </div>
      ) : (
        <ChatScreen
          lead={controls}
          session={session}
          audience="owner"
          temporary={false}
          target={target}
          persona={persona}
          settings={settings}
          onStarted={setSession}
          onOpen={open}
          onOpenSource={() => openMain(session)}
          onOpenMemory={() => openMain(session)}
          onOpenSettings={() => openMain(session)}
          onOpenPersona={() => openMain(session)}
        />
      )}
    </div>
  );
}
