import { ChevronLeft, ChevronRight } from "lucide-react";
import type { MessageId } from "@/bindings";
import { IconButton } from "@/kit/button";
import { words } from "@/lib/words";
import styles from "./pager.module.css";

type PagerProps = { at: MessageId; versions: MessageId[]; onShow: (version: MessageId) => void; label: string };

/** Goes from one version of a message to the next; nothing where there is only one. */
export function Pager({ at, versions, onShow, label }: PagerProps) {
  const index = versions.indexOf(at);
  const total = versions.length;
  const show = (to: number) => versions[to] && onShow(versions[to]);
  if (total < 2) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form; these are two buttons and a count
    <span className={styles.pager} role="group" aria-label={label} data-testid="versions">
      <IconButton label={words.chat.previous} icon={ChevronLeft} size={14} disabled={index === 0} onClick={() => show(index - 1)} />
      <span>{words.chat.version(index + 1, total)}</span>
      <IconButton label={words.chat.next} icon={ChevronRight} size={14} disabled={index === total - 1} onClick={() => show(index + 1)} />
    </span>
  );
}
