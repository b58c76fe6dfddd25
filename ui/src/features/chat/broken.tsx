import type { Failure, Message, MessageId } from "@/bindings";
import { Button } from "@/kit/button";
import { displayName } from "@/lib/model";
import { useCatalogue } from "@/lib/query";
import { words } from "@/lib/words";
import styles from "./broken.module.css";
import type { Doings } from "./doings";
import { FailureCard } from "./failure-card";
import { useFailed } from "./reply";

type BrokenProps = {
  failure: Failure;
  /** What the attempt left; null: not a word. */
  answer: Message | null;
  /** What was asked; none in half a conversation. */
  question: MessageId | null;
  busy: boolean;
  doings: Doings;
};

/** Why an attempt failed, and the ways on from there. */
export function Broken({ failure, answer, question, busy, doings }: BrokenProps) {
  const catalogue = useCatalogue(false).data;
  const last = useFailed(question ?? "");
  const next = last && last.message === (answer?.id ?? null) ? last.next : null;
  return (
    <FailureCard
      failure={failure}
      onAgain={question && !busy ? () => doings.again(question, null) : null}
      other={question && next && !busy ? { name: displayName(catalogue, next), onAnswer: () => doings.again(question, next) } : null}
      files={question ? doings.files(question) : 0}
      onWithoutFiles={() => question && doings.withoutFiles(question)}
      onOpenSettings={doings.openSettings}
      onOpenPersona={doings.openPersona}
    />
  );
}

type AskedProps = Pick<BrokenProps, "question" | "busy" | "doings">;

/** Asked again, and nothing came: the answer from before stays, and why there is no other is said below it. */
export function NoOtherAnswer(props: AskedProps) {
  const failed = useFailed(props.question ?? "");
  return failed && !failed.message && <Broken failure={failed.failure} answer={null} {...props} />;
}

export function Unanswered(props: AskedProps & { question: MessageId }) {
  const { question, doings } = props;
  const failed = useFailed(question);
  if (failed && !failed.message) return <Broken failure={failed.failure} answer={null} {...props} />;
  return (
    <p className={styles.unanswered} data-testid="no-answer">
      {words.chat.noAnswer} ·
      <Button look="quiet" small onClick={() => doings.again(question, null)} data-testid="try-again">
        {words.chat.tryAgain}
      </Button>
    </p>
  );
}
