import { useEffect, useState } from "react";
import type { SessionId } from "@/bindings";
import { words } from "@/lib/words";
import { onReplyEnd } from "./reply";

/** What a screen reader is told, once, when the reply in this session has ended; while it streams it is told nothing. */
export function useAnnouncement(name: string, session: SessionId | null): string {
  const [text, setText] = useState("");
  useEffect(() => {
    setText("");
    return onReplyEnd((outcome) => {
      if (outcome.session !== session) return;
      setText(
        outcome.failure ? words.chat.failedAnnounce : words.chat.answered(name, (outcome.message?.content ?? "").replace(/[*_`#>|]/g, "")),
      );
    });
  }, [name, session]);
  return text;
}
