import { FileText } from "lucide-react";
import { type RefObject, useRef, useState } from "react";
import { typeText } from "@/host/type-text";
import { Button } from "@/kit/button";
import type { DraftKey } from "@/lib/drafts";
import { formatBytes } from "@/lib/format";
import { words } from "@/lib/words";
import { attachText, filesOf, takeAway } from "./attachments";
import styles from "./composer.module.css";

const mostCharacters = 4000;
const mostLines = 60;

const linesOf = (text: string): number => text.split("\n").length;
const isLong = (text: string): boolean => text.length > mostCharacters || linesOf(text) > mostLines;

/** What `after` has that `before` had not, if it came in one piece. */
export function inserted(before: string, after: string): string {
  const more = after.length - before.length;
  if (more <= 0) return "";
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = before.length;
  while (end > start && before[end - 1] === after[end - 1 + more]) end -= 1;
  return after.slice(start, end + more);
}

/** Offers to make a file of a long text that came at once, by paste or drop. It stands in the field until one says so, and undo brings it back. */
export function usePasted(at: DraftKey, field: RefObject<HTMLTextAreaElement | null>, text: string) {
  const [offered, setOffered] = useState<{ at: DraftKey; text: string } | null>(null);
  const kept = useRef<string | null>(null);
  const offer = offered?.at === at && text.includes(offered.text) ? offered.text : null;

  return {
    offer,
    /** Told of every change of the field. */
    changed: (before: string, after: string, how: string) => {
      // With its text back in the field, the file would say it twice.
      if (how === "historyUndo") for (const file of filesOf(at)) if (file.text && after.includes(file.text)) takeAway(at, file);
      if (how.startsWith("history")) return;
      const piece = inserted(before, after);
      if (isLong(piece) && piece !== kept.current) setOffered({ at, text: piece });
    },
    attach: () => {
      const element = field.current;
      if (!element || offer === null) return;
      const start = element.value.indexOf(offer);
      element.setSelectionRange(start, start + offer.length);
      setOffered(null);
      attachText(at, offer);
      typeText(element, "");
    },
    keep: () => {
      setOffered(null);
      field.current?.focus();
    },
    /** Text that was a file is text again, and not offered once more. */
    putBack: (back: string) => {
      kept.current = back;
      if (field.current) typeText(field.current, back);
    },
  };
}

export function PastedOffer({ text, onAttach, onKeep }: { text: string; onAttach: () => void; onKeep: () => void }) {
  return (
    <div className={styles.offer} role="status" data-testid="pasted-offer">
      <FileText size={15} strokeWidth={1.8} aria-hidden />
      <span>{words.composer.pasted(formatBytes(new Blob([text]).size), linesOf(text))}</span>
      <Button look="quiet" small onClick={onAttach} data-testid="pasted-attach">
        {words.composer.pastedAttach}
      </Button>
      <Button look="quiet" small onClick={onKeep} data-testid="pasted-keep">
        {words.composer.pastedKeep}
      </Button>
    </div>
  );
}
