import { GitFork } from "lucide-react";
import { useState } from "react";
import { type Audience, commands, type Message, type MessageId, type SessionId } from "@/bindings";
import { Button } from "@/kit/button";
import { errorText, toWireError } from "@/lib/errors";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./forked.module.css";

type ForkedProps = {
  session: SessionId;
  audience: Audience;
  /** The message, elsewhere, up to which this chat is a copy. */
  from: MessageId;
  /** The first message here; the first of the other chat says the same. */
  first: Message | undefined;
  onOpen: (session: SessionId, message: MessageId) => void;
};

/** Says at the top of a fork that it is one, and leads back to where it began. */
export function Forked({ session, audience, from, first, onOpen }: ForkedProps) {
  const [looking, setLooking] = useState(false);
  const show = () => {
    setLooking(true);
    sourceOf(session, audience, from, first)
      .then((source) => (source ? onOpen(source, from) : showToast(words.thread.forkedLost, { tone: "warn" })))
      .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }))
      .finally(() => setLooking(false));
  };
  return (
    <p className={styles.forked} data-testid="forked">
      <GitFork size={14} strokeWidth={1.8} aria-hidden />
      <span>{words.thread.forkedFrom}</span>
      <Button look="quiet" small busy={looking} disabled={!first} onClick={show}>
        {words.thread.forkedShow}
      </Button>
    </p>
  );
}

/** A message does not tell its session, so the sessions that begin with the same words are asked for it. */
async function sourceOf(session: SessionId, audience: Audience, from: MessageId, first: Message | undefined): Promise<SessionId | null> {
  const begins = (first?.content ?? "").replaceAll('"', " ").trim().split(/\s+/).slice(0, 8).join(" ");
  if (!first || !begins) return null;
  const { hits } = await commands.messageFind({
    text: `"${begins}"`,
    audience,
    session: null,
    role: first.role,
    from: null,
    before: null,
    order: "oldest",
    limit: 50,
  });
  const others = [...new Set(hits.map((hit) => hit.session_id))].filter((id) => id !== session);
  // First where it is on the branch that is shown, because the second question changes which one that is.
  for (const id of others) if (await answers(commands.sessionPath(id, { type: "around", message: from }, 1))) return id;
  for (const id of others) if (await answers(commands.sessionShow(id, from))) return id;
  return null;
}

async function answers(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (thrown) {
    if (toWireError(thrown).code === "not_found") return false;
    throw thrown;
  }
}
