import { useMemo, useRef, useState } from "react";
import type { SessionId } from "@/bindings";

const nothing: ReadonlySet<SessionId> = new Set();

/** Several chats at once. `order`: all that can be chosen, as they are listed. What leaves the list is no longer chosen. */
export function useSelection(order: SessionId[]) {
  const [chosen, setChosen] = useState(nothing);
  const [anchor, setAnchor] = useState<SessionId | null>(null);
  const selected = useMemo(() => (chosen.size ? new Set(order.filter((id) => chosen.has(id))) : nothing), [order, chosen]);
  // Where the range that is being drawn out began, and what was chosen before it: so that it can shrink again.
  const before = useRef(nothing);
  return {
    selected,
    toggle: (id: SessionId) => {
      const next = new Set(selected);
      if (!next.delete(id)) next.add(id);
      before.current = next;
      setAnchor(id);
      setChosen(next);
    },
    /** From where the last choice was made (else from `start`) to `id`. */
    range: (id: SessionId, start: SessionId | null) => {
      const from = [anchor, start, id].find((one) => one !== null && order.includes(one)) ?? id;
      const [first = 0, last = 0] = [order.indexOf(from), order.indexOf(id)].sort((a, b) => a - b);
      if (from !== anchor) setAnchor(from);
      setChosen(new Set([...before.current, ...order.slice(first, last + 1)]));
    },
    all: () => setChosen(new Set(order)),
    clear: () => {
      before.current = nothing;
      setAnchor(null);
      setChosen(nothing);
    },
  };
}
