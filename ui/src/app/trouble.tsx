import { Check } from "lucide-react";
import { useState } from "react";
import type { Recovered, WireError } from "@/bindings";
import { useWindowReady } from "@/host/window";
import { Button } from "@/kit/button";
import { cause, errorDetails, errorLook, hintText, inARow, sentence } from "@/lib/errors";
import { words } from "@/lib/words";
import styles from "./boundary.module.css";
import { Rescue, WhatBecame } from "./rescue";
import { Unlock } from "./unlock";

/** In place of everything else when the store could not be opened. */
export function Trouble({ error, busy, onAgain }: { error: WireError; busy: boolean; onAgain: () => void }) {
  useWindowReady();
  const [recovered, setRecovered] = useState<Recovered | null>(null);
  if (recovered) {
    return (
      <main className={styles.page} data-testid="recovered">
        <Check size={28} strokeWidth={1.6} aria-hidden />
        <h1>{words.data.rescue.done}</h1>
        <WhatBecame recovered={recovered} />
        <Button look="primary" onClick={onAgain} busy={busy} data-testid="rescued-go-on">
          {words.data.rescue.goOn}
        </Button>
      </main>
    );
  }
  const { icon: Icon, title } = errorLook(error.code);
  const details = errorDetails(error);
  return (
    <main className={styles.page} data-testid="trouble">
      <Icon size={28} strokeWidth={1.6} className={styles.icon} aria-hidden />
      <h1>{words.trouble.title}</h1>
      <div role="alert" className="selectable">
        <p>{inARow(...new Set([sentence(title), sentence(cause(error))]))}</p>
        <p>{hintText(error)}</p>
        {details && (
          <p lang="en" dir="ltr">
            {details}
          </p>
        )}
      </div>
      <p>{words.trouble.untouched}</p>
      <Rescue error={error} onRecovered={setRecovered} />
      {error.code === "home_locked" && <Unlock onUnlocked={onAgain} />}
      <Button onClick={onAgain} busy={busy}>
        {words.trouble.again}
      </Button>
      {error.id && <p className={`${styles.id} selectable`}>{words.trouble.id(error.id)}</p>}
    </main>
  );
}
