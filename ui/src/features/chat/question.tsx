import { memo } from "react";
import type { Audience, Message } from "@/bindings";
import { classNames } from "@/kit/class-names";
import { words } from "@/lib/words";
import type { Waiting } from "./attachments";
import type { Doings } from "./doings";
import files from "./files.module.css";
import { Pager } from "./pager";
import styles from "./question.module.css";
import { SentFiles } from "./sent-files";
import type { MessageVersions } from "./tree";

type QuestionProps = {
  message: Message;
  audience: Audience;
  versions: MessageVersions;
  flash: boolean;
  doings: Doings;
};

export const Question = memo(function Question({ message, audience, versions, flash, doings }: QuestionProps) {
  return (
    <article
      className={styles.question}
      aria-label={audience === "owner" ? words.chat.youSaid : words.chat.visitorSaid}
      data-testid="message"
      data-message-id={message.id}
      data-role="user"
      data-status={message.status}
      data-flash={flash || undefined}
    >
      {message.attachments.length > 0 && (
        <SentFiles files={message.attachments} onLeaveOut={(file, leftOut) => doings.leaveOut(message.id, file, leftOut)} />
      )}
      {message.content.trim() !== "" && (
        <div className={classNames(styles.bubble, "selectable")} dir="auto">
          {message.content}
        </div>
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
        <div className={classNames(styles.bubble, styles.pending)} dir="auto">
          {text}
        </div>
      )}
    </article>
  );
}
