import { useEffect, useState } from "react";
import type { SessionId } from "@/bindings";
import { errorLook } from "@/lib/errors";
import { useKeysShown } from "@/lib/shortcut";
import { words } from "@/lib/words";
import { onReplyEnd, type Pause } from "./reply";

/**
 * What a screen reader is told: once that there is a pause before the next attempt, and once when the reply in this session has ended.
 * While it streams it is told nothing.
 */
export function useAnnouncement(name: string, session: SessionId | null, pause: Pause | null): string {
  const [text, setText] = useState("");
  const stopKeys = useKeysShown("stop");
  useEffect(() => {
    setText("");
    return onReplyEnd((outcome) => {
      if (outcome.session !== session) return;
      setText(
        outcome.failure ? words.chat.failedAnnounce : words.chat.answered(name, (outcome.message?.content ?? "").replace(/[*_`#>|]/g, "")),
      );
    });
  }, [name, session]);
  useEffect(() => {
    if (!pause) return;
    const seconds = Math.ceil((pause.until - Date.now()) / 1000);
    setText(words.chat.waitingAnnounce(errorLook(pause.failure.code).title, seconds, stopKeys));
  }, [pause, stopKeys]);
  return text;
}
