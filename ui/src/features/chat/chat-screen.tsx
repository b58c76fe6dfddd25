import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import {
  type Audience,
  commands,
  type Message,
  type MessageId,
  type ModelRef,
  type PersonaView,
  type SessionId,
  type Settings,
  type Source,
  type WireError,
} from "@/bindings";
import { Button } from "@/kit/button";
import { CodeText } from "@/kit/code-text";
import { Drawer } from "@/kit/dialog";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { draftKey, readDraft, writeDraft } from "@/lib/drafts";
import { errorLook, errorText, toWireError } from "@/lib/errors";
import { entryOf } from "@/lib/model";
import { useCatalogue, useMessages, useSessions, useUsage } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { useMedia } from "@/lib/use-media";
import { words } from "@/lib/words";
import { useAnnouncement } from "./announcement";
import { attach, dismissRefused, notSent, send as sendTray, sent, takeAway, useTray } from "./attachments";
import styles from "./chat-screen.module.css";
import { chosenFor, forgetChosen, useModelChoice } from "./choice";
import { Composer } from "./composer";
import { DropArea } from "./drop";
import { Greeting } from "./greeting";
import { Header } from "./header";
import { leaveOut } from "./leave-out";
import { LinkGate } from "./link";
import { answerAgain, sendMessage, setHead, stopReply, useLive } from "./reply";
import { type Target, Thread } from "./thread";
import { RefusedFiles, Tray } from "./tray";
import { isGrowing, newestLeaf, pathTo, sentUpTo, shownPath } from "./tree";
import { warmMarkdown } from "./voice";
import { WhyPanel } from "./why-panel";

type ChatScreenProps = {
  lead: ReactNode;
  session: SessionId | null;
  audience: Audience;
  target: Target | null;
  persona: PersonaView;
  settings: Settings;
  onStarted: (session: SessionId) => void;
  onOpenSource: (source: Source) => void;
  onOpenSettings: () => void;
  onOpenPersona: () => void;
};

export function ChatScreen(props: ChatScreenProps) {
  const { lead, session, audience, target, persona, settings, onStarted, onOpenSource, onOpenSettings, onOpenPersona } = props;
  const client = useQueryClient();
  const key = draftKey(session, audience);
  const [draft, setDraft] = useState({ key, text: readDraft(key) });
  const [refused, setRefused] = useState<{ key: string; error: WireError } | null>(null);
  const [whyOpen, setWhyOpen] = useState(false);
  const [asked, setAsked] = useState<MessageId | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const narrow = useMedia("(max-width: 1000px)");

  const sessions = useSessions(audience);
  const messages = useMessages(session, isGrowing);
  const live = useLive(key);
  const head = sessions.data?.find((one) => one.id === session)?.head ?? null;
  const title = sessions.data?.find((one) => one.id === session)?.title ?? null;
  const announcement = useAnnouncement(persona.name, session, live?.pause ?? null);
  const choice = useModelChoice(session, audience, settings);
  const usage = useUsage(session).data;
  const tray = useTray(key);
  // Only with a file in hand does it matter what the model takes.
  const catalogue = useCatalogue(tray.files.length > 0).data;

  const all = useMemo(() => messages.data ?? [], [messages.data]);
  const path = useMemo(() => {
    // The growing reply is drawn from the stream, not from what has been stored of it so far.
    const stored = live?.reply ? all.filter((message) => message.id !== live.reply) : all;
    return live?.parent ? pathTo(stored, live.parent) : shownPath(stored, head);
  }, [all, head, live?.parent, live?.reply]);
  const busy = live !== null || path.some((message) => message.status === "streaming");

  if (draft.key !== key) setDraft({ key, text: readDraft(key) });
  const setText = useCallback(
    (text: string) => {
      setDraft({ key, text });
      writeDraft(key, text);
    },
    [key],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: opening another chat puts the cursor where one writes, and closes its question
  useEffect(() => {
    if (!target) field.current?.focus();
    setAsked(null);
  }, [key, target]);

  useEffect(() => {
    const timer = setTimeout(warmMarkdown, 300);
    return () => clearTimeout(timer);
  }, []);

  // A message asked for from elsewhere may be on another branch: show the branch that it is on.
  const targetHidden = target !== null && all.some((one) => one.id === target.message) && !path.some((one) => one.id === target.message);
  const showBranch = useCallback(
    (message: MessageId) => {
      if (!session) return;
      const leaf = newestLeaf(all, message) ?? message;
      setHead(client, session, leaf);
      commands.sessionSetHead(session, leaf).catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
    },
    [all, client, session],
  );
  useEffect(() => {
    if (targetHidden && target) showBranch(target.message);
  }, [targetHidden, target, showBranch]);

  const send = (text: string, fromDraft: boolean) => {
    setRefused(null);
    // Only the field is emptied: until the message is stored, the draft is the one copy that survives a crash.
    if (fromDraft) setDraft({ key, text: "" });
    sendMessage({
      client,
      session,
      audience,
      text,
      files: fromDraft ? sendTray(key) : [],
      parent: path.at(-1)?.id ?? null,
      model: session ? null : chosenFor(key),
      onAccepted: (id) => {
        if (fromDraft && readDraft(key).trim() === text) writeDraft(key, "");
        if (fromDraft) sent(key);
        if (id !== session) forgetChosen(key);
        if (id !== session) onStarted(id);
      },
    }).catch((thrown) => {
      // Not accepted, so not stored: what was written goes back to where it was, before anything typed since.
      notSent(key);
      const since = readDraft(key);
      const typedSince = since !== "" && since.trim() !== text;
      const restored = fromDraft && typedSince ? `${text}\n${since}` : since || text;
      writeDraft(key, restored);
      setDraft((current) => (current.key === key ? { key, text: restored } : current));
      setRefused({ key, error: toWireError(thrown) });
    });
  };

  const warn = (thrown: unknown) => showToast(errorText(toWireError(thrown)), { tone: "warn" });
  const again = (question: MessageId, model: ModelRef | null) => {
    if (!session || busy) return;
    answerAgain(client, session, question, model).catch(warn);
  };
  const withoutFiles = async (question: Message) => {
    if (!session) return;
    await Promise.all(sentUpTo(path, question).map(({ message, file }) => leaveOut(client, session, message, file, true)));
    again(question.id, null);
  };

  const stop = useCallback(() => {
    stopReply(key, session).catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
  }, [key, session]);

  useEffect(() => {
    if (!busy) return;
    const onKey = (event: KeyboardEvent) => {
      // An open dialog, menu or field that Esc closes has had its turn first.
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && !document.querySelector("[role=dialog],[role=menu]"))
        stop();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [busy, stop]);

  const rename = (next: string) => {
    if (!session) return;
    commands
      .sessionRename(session, next)
      .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }))
      .finally(() => void client.invalidateQueries({ queryKey: ["sessions"] }));
  };

  const answers = path.filter((message) => message.role === "assistant");
  const explained = answers.find((message) => message.id === asked) ?? answers.at(-1) ?? null;
  const closeWhy = useCallback(() => setWhyOpen(false), []);
  const why = <WhyPanel message={explained} usage={usage ?? null} onClose={closeWhy} onOpenSource={onOpenSource} />;
  const empty = session === null && live === null;

  return (
    <div className={styles.screen}>
      <DropArea className={styles.main} onFiles={(files) => attach(key, files)}>
        <Header
          lead={lead}
          title={title}
          choice={choice}
          settings={settings}
          audience={audience}
          whyOpen={whyOpen}
          onRename={rename}
          onOpenSettings={onOpenSettings}
          onWhy={() => setWhyOpen(!whyOpen)}
        />
        <LinkGate>
          {empty ? (
            <Greeting persona={persona} audience={audience} onAsk={(question) => send(question, false)} />
          ) : messages.isError ? (
            <div className={styles.state}>
              <MessagesFailed error={toWireError(messages.error)} onAgain={() => void messages.refetch()} />
            </div>
          ) : messages.isPending && session !== null && !live ? (
            <div className={styles.state}>
              <Skeleton lines={6} />
            </div>
          ) : (
            <Thread
              at={key}
              path={path}
              messages={all}
              live={live}
              busy={busy}
              name={persona.name}
              audience={audience}
              settings={settings}
              usage={usage}
              target={target}
              explained={whyOpen ? (explained?.id ?? null) : null}
              doings={{
                showVersion: showBranch,
                again,
                leaveOut: (message, file, leftOut) => session && leaveOut(client, session, message, file, leftOut).catch(warn),
                files: (question) => sentUpTo(path, question).length,
                withoutFiles: (question) => withoutFiles(question).catch(warn),
                stop,
                why: (message) => {
                  setAsked(message);
                  setWhyOpen(!(whyOpen && explained?.id === message));
                },
                openSettings: onOpenSettings,
                openPersona: onOpenPersona,
              }}
            />
          )}
        </LinkGate>
        {tray.refused.length > 0 && (
          <div className={styles.refused}>
            <RefusedFiles refused={tray.refused} onDismiss={(one) => dismissRefused(key, one)} />
          </div>
        )}
        <Composer
          field={field}
          name={persona.name}
          text={draft.key === key ? draft.text : ""}
          busy={busy}
          waiting={session !== null && !messages.data}
          error={refused?.key === key ? refused.error : null}
          files={tray.files.length}
          filesReady={tray.files.every((file) => file.staged)}
          tray={
            <Tray
              files={tray.files}
              model={choice.model}
              entry={choice.model ? entryOf(catalogue, choice.model) : undefined}
              onRemove={(file) => {
                takeAway(key, file);
                field.current?.focus();
              }}
            />
          }
          onFiles={(files) => attach(key, files)}
          onText={setText}
          onSend={() => send(draft.text.trim(), true)}
          onStop={stop}
        />
        <div className="visually-hidden" aria-live="polite" data-testid="announcement">
          {announcement}
        </div>
      </DropArea>
      {narrow ? (
        <Drawer open={whyOpen} onClose={closeWhy} side="right" title={words.why.title}>
          {why}
        </Drawer>
      ) : (
        whyOpen && (
          <aside className={styles.aside} aria-label={words.why.title}>
            {why}
          </aside>
        )
      )}
    </div>
  );
}

function MessagesFailed({ error, onAgain }: { error: WireError; onAgain: () => void }) {
  return (
    <Notice
      tone="danger"
      role="alert"
      icon={errorLook(error.code).icon}
      title={words.chat.failed}
      actions={
        <Button small onClick={onAgain}>
          {words.problem.again}
        </Button>
      }
    >
      <CodeText text={errorText(error)} />
    </Notice>
  );
}
