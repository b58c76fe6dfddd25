import { Copy, Ellipsis, GitFork, Pencil, TextSelect, Trash2 } from "lucide-react";
import type { RefObject } from "react";
import type { MessageId } from "@/bindings";
import { IconButton } from "@/kit/button";
import { Menu } from "@/kit/menu";
import { words } from "@/lib/words";
import { useCopy } from "./copy";
import type { Doings } from "./doings";

type MoreProps = {
  message: MessageId;
  text: string;
  /** What shows the text. */
  body: RefObject<HTMLElement | null>;
  /** While a reply is being written here, nothing may be changed under it. */
  busy: boolean;
  onEdit?: () => void;
  doings: Doings;
};

/** What else can be done with a message. */
export function More({ message, text, body, busy, onEdit, doings }: MoreProps) {
  const [, copy] = useCopy();
  const something = text.trim() !== "";
  const items = [
    something && { label: words.thread.copy, icon: Copy, onSelect: () => copy(text) },
    something && { label: words.thread.selectText, icon: TextSelect, onSelect: () => selectSoon(body.current) },
    onEdit && !busy && { label: words.thread.edit, icon: Pencil, onSelect: onEdit },
    { label: words.thread.fork, icon: GitFork, onSelect: () => doings.fork(message) },
    !busy && { label: words.thread.remove, icon: Trash2, danger: true, onSelect: () => doings.remove(message) },
  ].filter((item) => item !== false && item !== undefined);
  return <Menu trigger={<IconButton label={words.thread.more} icon={Ellipsis} size={15} data-testid="message-more" />} items={items} />;
}

/** Once the menu has given the focus back, which would take the selection along. */
function selectSoon(element: HTMLElement | null) {
  const select = () => element && getSelection()?.selectAllChildren(element);
  document.addEventListener("focusin", () => setTimeout(select), { once: true });
}
