import { useQueryClient } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, Search, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Audience, FindHit, MessageId, SessionId } from "@/bindings";
import { IconButton } from "@/kit/button";
import { errorText, toWireError } from "@/lib/errors";
import { formatCount } from "@/lib/format";
import { useFrame } from "@/lib/frame";
import { isComposing } from "@/lib/keys";
import { useFound } from "@/lib/query";
import { useKeysShown, useShortcut } from "@/lib/shortcut";
import { words } from "@/lib/words";
import styles from "./find-bar.module.css";
import { useMarks } from "./find-marks";
import { bringNear } from "./path";

const text = words.find;
const most = 500;

type FindBarProps = {
  session: SessionId;
  audience: Audience;
  /** Where one was sent to from elsewhere, and what for. */
  target: { message: MessageId; words?: string } | null;
  /** Shows a message, wherever in the conversation it is. */
  onShow: (message: MessageId, words: string) => void;
};

/** Finds in one conversation. Also marks what was looked for elsewhere and found here. */
export function FindBar({ session, audience, target, onShow }: FindBarProps) {
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState(0);
  useShortcut("find_here", () => {
    setOpen(true);
    setAsked((count) => count + 1);
  });
  useMarks(open ? "" : (target?.words ?? ""), target?.message ?? null, true);
  if (!open) return null;
  return <Bar session={session} audience={audience} asked={asked} onShow={onShow} onClose={() => setOpen(false)} />;
}

/** So many hits at most are asked whether they are on the branch that is shown. */
const tries = 8;

/** Reading begins where one is: with the first hit in view, else with the newest. */
function nearest(hits: FindHit[]): FindHit[] {
  const inView = hits.find(({ message_id: message }) => {
    const drawn = document.querySelector(`[data-message-id="${CSS.escape(message)}"]`)?.getBoundingClientRect();
    return drawn && drawn.height > 0 && drawn.bottom > 0 && drawn.top < window.innerHeight;
  });
  return inView ? [inView] : hits.slice(-tries).reverse();
}

type BarProps = Omit<FindBarProps, "target"> & { asked: number; onClose: () => void };

function Bar({ session, audience, asked, onShow, onClose }: BarProps) {
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState<MessageId | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const wanted = useFrame(typed.trim());
  const query = { text: wanted, audience, session, role: null, from: null, before: null, order: "oldest" as const, limit: most };
  const found = useFound(query, wanted !== "");
  const hits = wanted ? (found.data?.hits ?? []) : [];
  const place = hits.findIndex((hit) => hit.message_id === at);
  const settled = wanted === typed.trim() && found.data !== undefined && !found.isPlaceholderData;
  useMarks(wanted, at, false);

  const show = (hit: FindHit | undefined) => {
    if (!hit) return;
    setAt(hit.message_id);
    onShow(hit.message_id, wanted);
  };
  // Until there is an answer to what was typed there is nowhere to go.
  const step = (by: number) => {
    if (settled) show(hits.at(place < 0 ? Math.min(0, by) : (place + by) % hits.length));
  };
  // What is looked at stays while it still fits; otherwise the next that does is shown. Only on this branch:
  // which one the chat shows is changed by whoever goes to a hit, and not by typing.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each answer
  useEffect(() => {
    let late = false;
    const showNear = async () => {
      for (const hit of nearest(hits)) {
        const near = await bringNear(client, session, hit.message_id);
        if (late) return;
        if (near) return show(hit);
      }
    };
    // What cannot be read now is read, or said to be unreadable, when one goes there.
    if (settled && place < 0) showNear().catch(() => {});
    return () => {
      late = true;
    };
  }, [found.data, settled]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for again, the words are there to be typed over
  useEffect(() => field.current?.select(), [asked]);
  useEffect(() => {
    const before = document.activeElement;
    field.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useShortcut("find_next", () => step(1), { offered: hits.length > 0 });
  useShortcut("find_previous", () => step(-1), { offered: hits.length > 0 });
  const nextKeys = useKeysShown("find_next");
  const previousKeys = useKeysShown("find_previous");

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "Enter" && event.target === field.current) step(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
  };
  const total = found.data?.more ? text.atLeast(formatCount(hits.length)) : formatCount(hits.length);
  const status = !wanted || !found.data ? "" : hits.length === 0 ? text.nothing : text.of(place + 1, total);
  return (
    <div className={styles.anchor}>
      <search className={styles.bar} aria-label={text.here} onKeyDown={onKeyDown} data-testid="find-bar">
        <Search size={15} strokeWidth={1.8} aria-hidden />
        <input
          ref={field}
          type="text"
          dir="auto"
          value={typed}
          placeholder={text.here}
          aria-label={text.here}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
          data-testid="find-bar-field"
        />
        <span className={styles.status} role="status" data-testid="find-bar-status">
          {found.isError ? errorText(toWireError(found.error)) : status}
        </span>
        <IconButton
          label={text.previous}
          hint={words.shortcuts.hint(text.previous, previousKeys)}
          icon={ChevronUp}
          disabled={hits.length === 0}
          onClick={() => step(-1)}
        />
        <IconButton
          label={text.next}
          hint={words.shortcuts.hint(text.next, nextKeys)}
          icon={ChevronDown}
          disabled={hits.length === 0}
          onClick={() => step(1)}
        />
        <IconButton label={text.close} icon={X} size={15} onClick={onClose} data-testid="find-bar-close" />
      </search>
    </div>
  );
}
