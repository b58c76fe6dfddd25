import { useLayoutEffect, useMemo, useRef } from "react";
import type { Attachment, Message, MessageId, ModelRef } from "@/bindings";

/** What can be done in a conversation. */
export type Doings = {
  showVersion: (message: MessageId) => void;
  /** `model`: who is to answer; null: as chosen here. */
  again: (question: MessageId, model: ModelRef | null) => void;
  leaveOut: (message: MessageId, file: Attachment, leftOut: boolean) => void;
  /** How many files go to a model with this question, those of earlier ones included. */
  files: (question: Message) => number;
  withoutFiles: (question: Message) => void;
  stop: () => void;
  why: (message: MessageId) => void;
  openSettings: () => void;
  openPersona: () => void;
};

/** The same doings under an identity that does not change: thirty times a second, a growing answer must not draw the others again. */
export function useStable(doings: Doings): Doings {
  const latest = useRef(doings);
  useLayoutEffect(() => {
    latest.current = doings;
  });
  return useMemo(
    () => ({
      showVersion: (...args) => latest.current.showVersion(...args),
      again: (...args) => latest.current.again(...args),
      leaveOut: (...args) => latest.current.leaveOut(...args),
      files: (...args) => latest.current.files(...args),
      withoutFiles: (...args) => latest.current.withoutFiles(...args),
      stop: () => latest.current.stop(),
      why: (...args) => latest.current.why(...args),
      openSettings: () => latest.current.openSettings(),
      openPersona: () => latest.current.openPersona(),
    }),
    [],
  );
}
