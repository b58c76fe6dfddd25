import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { commands, type Memory } from "@/bindings";
import { Button } from "@/kit/button";
import { changeMemory } from "@/lib/memory";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./detail.module.css";
import { whenText } from "./text";

const text = words.memory;

/** Memories that cannot be true together: the owner says which is. */
export function Contradiction({ memory, others }: { memory: Memory; others: Memory[] }) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const all = [memory, ...others];
  const settle = async (keep: Memory, same: boolean) => {
    setBusy(true);
    // Of several, only those that speak against the one that holds: the others may be true with it.
    const against = all.filter((one) => one.contradicts.includes(keep.id) || keep.contradicts.includes(one.id));
    const rest = (same ? others : against).map(({ id }) => id);
    if (await changeMemory(client, () => commands.memorySettle(keep.id, rest, same))) showToast(text.settled);
    setBusy(false);
  };
  return (
    <section className={styles.contradiction} aria-label={text.contradiction} data-testid="contradiction">
      <p>{text.contradiction}</p>
      <ul>
        {all.map((one) => (
          <li key={one.id}>
            <span>
              <span className={styles.version} dir="auto">
                {one.text}
              </span>
              <span className={styles.quiet}>{whenText(one)}</span>
            </span>
            <Button
              small
              disabled={busy}
              onClick={() => void settle(one, false)}
              aria-label={text.holdsLabel(one.text)}
              data-testid="holds"
            >
              {text.holds}
            </Button>
          </li>
        ))}
      </ul>
      <Button small look="quiet" disabled={busy} onClick={() => void settle(memory, true)} data-testid="same">
        {text.bothSame}
      </Button>
    </section>
  );
}
