import { useCallback, useEffect, useLayoutEffect, useState } from "react";
import { type DraftKey, onHandedOver, readDraft, writeDraft } from "@/lib/drafts";
import { recover } from "./attachments";
import { Composer, type ComposerProps } from "./composer";

type DraftProps = Omit<ComposerProps, "text" | "onText" | "onSend"> & { sending: string | null; onSend: (text: string) => void };

/** The composer with what was typed in it. By itself: a key draws nothing else again. */
export function Draft({ sending, onSend, ...props }: DraftProps) {
  const { at, error } = props;
  const [draft, setDraft] = useState({ at, text: unsent(at, sending) });
  if (draft.at !== at) setDraft({ at, text: unsent(at, sending) });
  // What was not accepted is there again, also for whoever had left and comes back.
  useLayoutEffect(() => {
    const text = error && readDraft(at);
    if (text) setDraft({ at, text });
  }, [at, error]);
  useEffect(
    () =>
      onHandedOver(at, () => {
        setDraft({ at, text: readDraft(at) });
        recover(at);
      }),
    [at],
  );
  const setText = useCallback(
    (text: string) => {
      setDraft({ at, text });
      writeDraft(at, text);
    },
    [at],
  );
  const send = () => {
    // Only the field is emptied: until the message is stored, the draft is the one copy that survives a crash.
    setDraft({ at, text: "" });
    onSend(draft.text.trim());
  };
  return <Composer {...props} text={draft.at === at ? draft.text : ""} onText={setText} onSend={send} />;
}

/** The draft without what is being sent of it: that is kept there only until it is stored. */
export function unsent(key: DraftKey, sending: string | null): string {
  const text = readDraft(key);
  return text.trim() === sending ? "" : text;
}
