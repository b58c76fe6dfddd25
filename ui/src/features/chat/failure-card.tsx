import type { Failure } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { errorLook } from "@/lib/errors";
import { words } from "@/lib/words";

type FailureCardProps = {
  failure: Failure;
  onAgain: (() => void) | null;
  /** Who could answer instead. */
  other: { name: string; onAnswer: () => void } | null;
  /** Files that went with the question and could stay behind. */
  files: number;
  onWithoutFiles: () => void;
  onOpenSettings: () => void;
  onOpenPersona: () => void;
};

/** What went wrong with an answer: cause, next step, and the buttons that take it. */
export function FailureCard({ failure, onAgain, other, files, onWithoutFiles, onOpenSettings, onOpenPersona }: FailureCardProps) {
  const offersLess = onAgain && failure.code === "attachment_refused" && files > 0;
  const { icon, title, step } = errorLook(failure.code);
  return (
    <Notice
      tone="danger"
      icon={icon}
      title={title}
      testId="failure-card"
      role="note"
      actions={
        <>
          {other && (
            <Button small onClick={other.onAnswer} data-testid="answer-with">
              {words.chat.answerWith(other.name)}
            </Button>
          )}
          {offersLess && (
            <Button small onClick={onWithoutFiles} data-testid="send-without">
              {words.chat.sendWithout(files)}
            </Button>
          )}
          {onAgain && (
            <Button small onClick={onAgain} data-testid="try-again">
              {words.chat.tryAgain}
            </Button>
          )}
          {step === "settings" && (
            <Button look="quiet" small onClick={onOpenSettings}>
              {words.problem.openSettings}
            </Button>
          )}
          {step === "persona" && (
            <Button look="quiet" small onClick={onOpenPersona}>
              {words.problem.openPersona}
            </Button>
          )}
        </>
      }
    >
      <ErrorText error={failure} titled />
    </Notice>
  );
}
