import { Pencil } from "lucide-react";
import { memo, useRef, useState } from "react";
import type { Audience, Message, MessageId, SendKey } from "@/bindings";
import { IconButton } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { words } from "@/lib/words";
import type { Waiting } from "./attachments";
import type { Doings } from "./doings";
import { beginEdit, useEdit } from "./edit";
import { Editor } from "./editor";
import files from "./files.module.css";
import { More } from "./more";
import { Pager } from "./pager";
import styles from "./question.module.css";
import { SentFiles } from "./sent-files";

type QuestionProps = {
  message: Message;
  place: number;
  total: number;
  audience: Audience;
  versions: MessageId[];
  sendKey: SendKey;
  flash: boolean;
  busy: boolean;
  doings: Doings;
};

export const Question = memo(function Question(props: QuestionProps) {
  const { message, place, total, audience, versions, sendKey, flash, busy, doings } = props;
  const edit = useEdit(message);
  // The one that was opened here, just now: it takes the cursor.
  const [opened, setOpened] = useState<MessageId | null>(null);
  const body = useRef<HTMLDivElement>(null);
  const pencil = useRef<HTMLButtonElement>(null);
  const begin = () => {
    setOpened(message.id);
    beginEdit(message);
  };
  return (
    <article
      className={styles.question}
      aria-label={audience === "owner" ? words.chat.youSaid : words.chat.visitorSaid}
      aria-posinset={place + 1}
      aria-setsize={total}
      tabIndex={-1}
      data-testid="message"
      data-message-id={message.id}
      data-role="user"
      data-status={message.status}
      data-flash={flash || undefined}
      data-editing={edit ? true : undefined}
    >
      {edit ? (
        <Editor
          key={message.id}
          message={message}
          edit={edit}
          busy={busy}
          sendKey={sendKey}
          doings={doings}
          focus={opened === message.id}
          onDone={() => {
            setOpened(null);
            setTimeout(() => pencil.current?.focus({ preventScroll: true }));
          }}
        />
      ) : (
        <>
          {message.attachments.length > 0 && (
            <SentFiles files={message.attachments} onLeaveOut={(file, leftOut) => doings.leaveOut(message.id, file, leftOut)} />
          )}
          <div className={styles.line}>
            <span className={styles.actions}>
              <IconButton
                ref={pencil}
                label={words.thread.edit}
                icon={Pencil}
                size={14}
                disabled={busy}
                onClick={begin}
                data-testid="edit"
              />
              <More message={message.id} text={message.content} body={body} busy={busy} onEdit={begin} doings={doings} />
            </span>
            {message.content.trim() !== "" && (
              <div ref={body} className={classNames(styles.bubble, "selectable")} dir="auto">
                {message.content}
              </div>
            )}
          </div>
        </>
      )}
      <Pager at={message.id} versions={versions} onShow={doings.showVersion} label={words.chat.versionsOfQuestion} />
    </article>
  );
});

/** What has been sent and is not stored yet. */
export function PendingQuestion({ text, files: sent }: { text: string; files: Waiting[] }) {
  return (
    <article className={styles.question} data-testid="message-pending" data-role="user">
      {sent.length > 0 && (
        <ul className={files.sent}>
          {sent.map(({ key, name, picture }) => (
            <li key={key} className={picture ? files.picture : files.chip}>
              {picture ? (
                <span className={files.enlarge}>
                  <img src={picture} alt={name} />
                </span>
              ) : (
                <span className={files.name}>{name}</span>
              )}
            </li>
          ))}
        </ul>
      )}
      {text && (
        <div className={styles.line}>
          <div className={classNames(styles.bubble, styles.pending)} dir="auto">
            {text}
          </div>
        </div>
      )}
    </article>
  );
}
