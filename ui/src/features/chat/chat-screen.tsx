import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import {
  type Audience,
  commands,
  type MemoryId,
  type MessageId,
  type ModelRef,
  type PersonaView,
  type SessionId,
  type Settings,
  type Source,
  type WireError,
} from "@/bindings";
import { appendText } from "@/host/type-text";
import { Button } from "@/kit/button";
import { Drawer } from "@/kit/dialog";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { type DraftKey, draftKey, neverWrite, readDraft, writeDraft } from "@/lib/drafts";
import { errorLook, errorText, toWireError } from "@/lib/errors";
import { useSessions, useUsage } from "@/lib/query";
import { useShortcut } from "@/lib/shortcut";
import { keyedStore } from "@/lib/store";
import { useNarrow } from "@/lib/text-size";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { useAnnouncement } from "./announcement";
import { ArchivedNotice } from "./archived";
import { asOfBegan, asOfFor } from "./as-of";
import { attach, notSent, send as sendTray, sent } from "./attachments";
import { filesUpTo, isGrowing, noBranch, placeOf } from "./branch";
import { deleteBranch, sendEdit, showVersion } from "./change";
import styles from "./chat-screen.module.css";
import { chosenBegan, chosenFor, useModelChoice } from "./choice";
import { DeleteDialog, type Deletion } from "./delete-dialog";
import { useStable } from "./doings";
import { Draft, unsent } from "./draft";
import { DropArea } from "./drop";
import { FindBar } from "./find-bar";
import { Forked } from "./forked";
import { Greeting } from "./greeting";
import { Header } from "./header";
import { leaveOut } from "./leave-out";
import { LinkGate } from "./link";
import { branchStale, bringIn, useBranch } from "./path";
import { answerAgain, sendMessage, stopReply, useLive } from "./reply";
import { type Target, Thread } from "./thread";
import { warmMarkdown } from "./voice";
import { WhyPanel } from "./why-panel";

type ChatScreenProps = {
  lead: ReactNode;
  session: SessionId | null;
  audience: Audience;
  temporary: boolean;
  target: Target | null;
  persona: PersonaView;
  settings: Settings;
  onStarted: (session: SessionId) => void;
  /** Opens a chat, at a message, with words to mark in it. */
  onOpen: (session: SessionId, message?: MessageId, words?: string) => void;
  onOpenSource: (source: Source) => void;
  onOpenMemory: (id: MemoryId) => void;
  onOpenSettings: () => void;
  onOpenPersona: () => void;
};

// Not in the component: a chat that one comes back to still has the target it was opened with.
const brought = new WeakSet<Target>();
// Nor this: a send may fail while another chat or screen is shown, and is told where the words are.
const refusals = keyedStore<DraftKey, WireError>();

export function ChatScreen(props: ChatScreenProps) {
  const { lead, session, audience, temporary, target, persona, settings } = props;
  const { onStarted, onOpen, onOpenSource, onOpenMemory, onOpenSettings, onOpenPersona } = props;
  const client = useQueryClient();
  const key = draftKey(session, audience, temporary);
  const live = useLive(key);
  const sending = live?.asked && live.edits === null ? live.asked.text : null;
  const refused = refusals.use(key);
  const [whyOpen, setWhyOpen] = useState(false);
  const [asked, setAsked] = useState<MessageId | null>(null);
  const [deletion, setDeletion] = useState<Deletion | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const narrow = useNarrow(62.5);

  const sessions = useSessions(audience);
  const branchQuery = useBranch(session, target && !brought.has(target) ? target.message : null, live !== null);
  const branch = branchQuery.data ?? noBranch;
  const shown = sessions.data?.find((one) => one.id === session);
  const announcement = useAnnouncement(persona.name, session, live?.pause ?? null);
  const choice = useModelChoice(session, audience, temporary, settings);
  const usage = useUsage(session).data;

  const busy = live !== null || isGrowing(branch);

  // biome-ignore lint/correctness/useExhaustiveDependencies: opening another chat puts the cursor where one writes, and closes its question
  useEffect(() => {
    if (!target) field.current?.focus();
    setAsked(null);
  }, [key, target]);

  useEffect(() => {
    const timer = setTimeout(warmMarkdown, 300);
    return () => clearTimeout(timer);
  }, []);

  const warn = (thrown: unknown) => showToast(errorText(toWireError(thrown)), { tone: "warn" });

  // A message asked for from elsewhere may not have been read yet, or be on another branch. It is brought once for each asking:
  // what is shown after that is what the person has chosen since.
  const ready = branchQuery.isSuccess;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each asking, as soon as there is a branch
  useEffect(() => {
    if (!target || !session || !ready || brought.has(target)) return;
    brought.add(target);
    if (placeOf(branch, target.message) === null) bringIn(client, session, target.message).catch(warn);
  }, [ready, target]);

  const send = (text: string, fromDraft: boolean) => {
    refusals.remove(key);
    sendMessage({
      client,
      session,
      audience,
      temporary,
      text,
      files: fromDraft ? sendTray(key) : [],
      parent: branch.leaf,
      edits: null,
      model: session ? null : chosenFor(key),
      asOf: asOfFor(key),
      onAccepted: (id) => {
        // What was typed since goes on in the chat that began.
        const since = fromDraft ? unsent(key, text) : readDraft(key);
        if (fromDraft) sent(key);
        if (id !== session && temporary) neverWrite(id);
        if (id !== session) writeDraft(key, "");
        writeDraft(id, since);
        if (id === session) return;
        chosenBegan(key, id);
        asOfBegan(key, id);
        onStarted(id);
      },
    }).catch((thrown) => {
      // Not accepted, so not stored: what was written goes back to where it was, before anything typed since.
      notSent(key);
      const since = readDraft(key);
      const typedSince = since !== "" && since.trim() !== text;
      const restored = fromDraft && typedSince ? `${text}\n${since}` : since || text;
      writeDraft(key, restored);
      refusals.set(key, toWireError(thrown));
    });
  };

  const again = (question: MessageId, model: ModelRef | null) => {
    if (!session || busy) return;
    answerAgain(client, session, question, model, asOfFor(session)).catch(warn);
  };
  const withoutFiles = async (question: MessageId) => {
    if (!session) return;
    await commands.attachmentLeaveOutAll(session, question);
    await branchStale(client, session);
    again(question, null);
  };
  const fork = async (message: MessageId) => {
    if (!session) return;
    if (temporary) return showToast(words.temporary.noFork, { tone: "warn" });
    const made = await commands.sessionFork(session, message);
    await client.invalidateQueries({ queryKey: ["sessions"] });
    showToast(words.thread.forked(made.title || words.sessions.untitled));
    onOpen(made.id);
  };

  const stop = useCallback(() => {
    stopReply(key, session).catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
  }, [key, session]);

  // An open dialog, menu or field that Esc closes has had its turn first.
  useShortcut("stop", stop, { enabled: busy });
  useShortcut("write", () => field.current?.focus());

  const rename = (next: string) => {
    if (!session) return;
    commands
      .sessionRename(session, next)
      .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }))
      .finally(() => void client.invalidateQueries({ queryKey: ["sessions"] }));
  };

  const lastAnswer = Object.values(branch.known).findLast(({ message }) => message.role === "assistant");
  const explained = Object.values(branch.known).find(({ message }) => message.id === asked) ?? lastAnswer;
  const closeWhy = useCallback(() => setWhyOpen(false), []);
  const why = (
    <WhyPanel
      message={explained?.message.id ?? null}
      spend={explained?.spend ?? null}
      sum={usage ?? null}
      onClose={closeWhy}
      onOpenSource={onOpenSource}
    />
  );
  const doings = useStable({
    showVersion: (message) => void (session && showVersion(client, session, message).catch(warn)),
    again,
    edit: async (message, text, files) => {
      if (session) await sendEdit(client, session, audience, message, text, files);
    },
    fork: (message) => void fork(message).catch(warn),
    remove: (message) => {
      const place = placeOf(branch, message);
      if (place !== null) setDeletion({ message, follow: branch.total - place - 1 });
    },
    leaveOut: (message, file, leftOut) => void (session && leaveOut(client, session, message, file, leftOut).catch(warn)),
    files: (question) => filesUpTo(branch, placeOf(branch, question) ?? 0),
    withoutFiles: (question) => void withoutFiles(question).catch(warn),
    stop,
    why: (message) => {
      setAsked(message);
      setWhyOpen(!(whyOpen && explained?.message.id === message));
    },
    openSource: onOpenSource,
    openMemory: onOpenMemory,
    openSettings: onOpenSettings,
    openPersona: onOpenPersona,
  });
  const first = branch.known[0]?.message;
  const from = shown?.forked_from ?? null;
  const head = useMemo(
    () => session && from && <Forked session={session} audience={audience} from={from} first={first} onOpen={onOpen} />,
    [session, audience, from, first, onOpen],
  );
  const empty = session === null && live === null;

  return (
    <div className={styles.screen}>
      <DropArea
        className={styles.main}
        onFiles={(files) => attach(key, files)}
        onText={(text) => field.current && appendText(field.current, text)}
      >
        <Header
          lead={lead}
          session={session}
          temporary={temporary}
          choice={choice}
          settings={settings}
          audience={audience}
          whyOpen={whyOpen}
          onRename={rename}
          onOpenSettings={onOpenSettings}
          onWhy={() => setWhyOpen(!whyOpen)}
        />
        {session !== null && (
          <FindBar
            key={session}
            session={session}
            audience={audience}
            target={target}
            onShow={(message, marked) => onOpen(session, message, marked)}
          />
        )}
        <LinkGate>
          {empty ? (
            <Greeting persona={persona} audience={audience} temporary={temporary} onAsk={(question) => send(question, false)} />
          ) : branchQuery.isError && !branchQuery.data ? (
            <div className={styles.state}>
              <MessagesFailed error={toWireError(branchQuery.error)} onAgain={() => void branchQuery.refetch()} />
            </div>
          ) : branchQuery.isPending && session !== null && !live ? (
            <div className={styles.state}>
              <Skeleton lines={6} />
            </div>
          ) : (
            <Thread
              key={key}
              at={key}
              session={session}
              branch={branch}
              live={live}
              busy={busy}
              name={persona.name}
              audience={audience}
              settings={settings}
              target={target}
              explained={whyOpen ? (explained?.message.id ?? null) : null}
              head={head}
              doings={doings}
            />
          )}
        </LinkGate>
        <ArchivedNotice session={session} audience={audience} />
        <Draft
          field={field}
          at={key}
          session={session}
          name={persona.name}
          sending={sending}
          model={choice.model}
          sendKey={settings.send_key}
          busy={busy}
          waiting={session !== null && !branchQuery.data}
          error={refused}
          onSend={(text) => send(text, true)}
          onStop={stop}
        />
        <DeleteDialog
          deletion={deletion}
          onClose={() => setDeletion(null)}
          onDelete={({ message }) => void (session && branch.leaf && deleteBranch(client, session, message, branch.leaf).catch(warn))}
        />
        <div className={styles.told}>
          <div className="visually-hidden" aria-live="polite" data-testid="announcement">
            {announcement}
          </div>
        </div>
      </DropArea>
      {narrow ? (
        <Drawer open={whyOpen} onClose={closeWhy} side="end" title={words.why.title}>
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
      <ErrorText error={error} />
    </Notice>
  );
}
