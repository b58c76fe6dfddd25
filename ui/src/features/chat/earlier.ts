import { useRef } from "react";
import { commands, type SessionId } from "@/bindings";
import { errorText, toWireError } from "@/lib/errors";
import { showToast } from "@/lib/toast";

const page = 50;

/** `texts`: what one said, newest first, as far as it has been read; `start`: the place in the branch from which on. */
type Walk = { texts: string[]; start: number; place: number; shown: string };

async function read(session: SessionId, before: number | null): Promise<{ texts: string[]; start: number }> {
  const first = Math.max(0, (before ?? 0) - page);
  const { messages, start } =
    before === null
      ? await commands.sessionPath(session, { type: "end" }, page)
      : await commands.sessionPath(session, { type: "from", index: first }, before - first);
  const own = messages.filter(({ message }) => message.role === "user" && message.content.trim() !== "");
  return { texts: own.map(({ message }) => message.content).reverse(), start };
}

/**
 * Walks through what one has said in this session, from an empty field and for as long as what is shown is not changed. Each gives whether the
 * key was meant for it.
 */
export function useEarlier(session: SessionId | null, text: string, onText: (text: string) => void) {
  const walk = useRef<Walk | null>(null);
  const reading = useRef(false);
  const now = useRef(text);
  now.current = text;
  const walking = () => walk.current !== null && walk.current.shown === text;

  const show = (next: Walk) => {
    const shown = next.texts[next.place];
    if (shown === undefined) return;
    walk.current = { ...next, shown };
    onText(shown);
  };

  const older = async (id: SessionId, from: Walk | null) => {
    let next = { texts: from?.texts ?? [], start: from?.start ?? null, place: from ? from.place + 1 : 0 };
    // A page may hold no message of one's own, or only the same one again and again.
    while ((next.texts[next.place] === undefined || next.texts[next.place] === from?.shown) && next.start !== 0) {
      if (next.texts[next.place] !== undefined) next = { ...next, place: next.place + 1 };
      else {
        const more = await read(id, next.start);
        next = { ...next, texts: [...next.texts, ...more.texts], start: more.start };
      }
    }
    // Somebody who types meanwhile wants to write.
    if (now.current === (from?.shown ?? "")) show({ ...next, start: next.start ?? 0, shown: "" });
  };

  return {
    /** Which message of one's own is shown, counted back from 1; null while one writes. */
    place: walking() ? (walk.current?.place ?? 0) + 1 : null,
    up: (): boolean => {
      if (!session || !(text === "" || walking())) return false;
      if (reading.current) return true;
      reading.current = true;
      older(session, walking() ? walk.current : null)
        .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }))
        .finally(() => {
          reading.current = false;
        });
      return true;
    },
    down: (): boolean => {
      const at = walk.current;
      if (!at || !walking()) return false;
      if (at.place > 0) show({ ...at, place: at.place - 1 });
      else onText("");
      return true;
    },
    giveUp: (): boolean => {
      if (!walking()) return false;
      walk.current = null;
      onText("");
      return true;
    },
  };
}
