import { useLayoutEffect, useRef, useState } from "react";
import type { Attachment, MemoryId, Message, MessageId, ModelRef, Source } from "@/bindings";

/** What can be done in a conversation. */
export type Doings = {
  showVersion: (message: MessageId) => void;
  /** `model`: who is to answer; null: as chosen here. */
  again: (question: MessageId, model: ModelRef | null) => void;
  /** Another version of `message`, with those of its files that are kept. Resolves when it is stored; rejects when it is not. */
  edit: (message: Message, text: string, files: Attachment[]) => Promise<void>;
  fork: (message: MessageId) => void;
  /** Asks first. */
  remove: (message: MessageId) => void;
  leaveOut: (message: MessageId, file: Attachment, leftOut: boolean) => void;
  /** How many files go to a model with this question, those of earlier ones included. */
  files: (question: MessageId) => number;
  withoutFiles: (question: MessageId) => void;
  stop: () => void;
  why: (message: MessageId) => void;
  openSource: (source: Source) => void;
  openMemory: (id: MemoryId) => void;
  openSettings: () => void;
  openPersona: () => void;
};

/** The same doings under an identity that does not change: whoever is handed them is not drawn again because of them. */
export function useStable(doings: Doings): Doings {
  const latest = useRef(doings);
  useLayoutEffect(() => {
    latest.current = doings;
  });
  const [stable] = useState<Doings>(() => ({
    showVersion: (...args) => latest.current.showVersion(...args),
    again: (...args) => latest.current.again(...args),
    edit: (...args) => latest.current.edit(...args),
    fork: (...args) => latest.current.fork(...args),
    remove: (...args) => latest.current.remove(...args),
    leaveOut: (...args) => latest.current.leaveOut(...args),
    files: (...args) => latest.current.files(...args),
    withoutFiles: (...args) => latest.current.withoutFiles(...args),
    stop: () => latest.current.stop(),
    why: (...args) => latest.current.why(...args),
    openSource: (...args) => latest.current.openSource(...args),
    openMemory: (...args) => latest.current.openMemory(...args),
    openSettings: () => latest.current.openSettings(),
    openPersona: () => latest.current.openPersona(),
  }));
  return stable;
}
