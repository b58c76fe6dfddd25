import { useEffect, useRef, useState } from "react";
import { copyText } from "@/host/clipboard";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";

/** Copies, and says for a moment that it did. */
export function useCopy(): [copied: boolean, copy: (text: string) => void] {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = (text: string) => {
    void copyText(text).then((done) => {
      if (!done) return showToast(words.chat.copyFailed, { tone: "warn" });
      setCopied(true);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setCopied(false), 1600);
    });
  };
  return [copied, copy];
}
