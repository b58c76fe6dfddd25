import type { Failure } from "@/bindings";
import { Button } from "@/kit/button";
import { CodeText } from "@/kit/code-text";
import { Notice } from "@/kit/notice";
import { errorLook, errorText } from "@/lib/errors";
import { words } from "@/lib/words";

type FailureCardProps = { failure: Failure; onAgain: (() => void) | null; onOpenSettings: () => void; onOpenPersona: () => void };

/** What went wrong with an answer: cause, next step, and the buttons that take it. */
export function FailureCard({ failure, onAgain, onOpenSettings, onOpenPersona }: FailureCardProps) {
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
      <CodeText text={errorText(failure)} />
    </Notice>
  );
}
