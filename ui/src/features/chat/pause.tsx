import { Hourglass } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/kit/button";
import { errorLook } from "@/lib/errors";
import { words } from "@/lib/words";
import styles from "./answer.module.css";
import type { Pause } from "./reply";

const left = (until: number) => Math.max(0, Math.ceil((until - Date.now()) / 1000));

/** The countdown to the next attempt. Not for screen readers, which would hear every second: they are told once, by the announcement. */
export function Countdown({ pause, onStop }: { pause: Pause; onStop: () => void }) {
  const [seconds, setSeconds] = useState(() => left(pause.until));
  useEffect(() => {
    setSeconds(left(pause.until));
    const timer = setInterval(() => setSeconds(left(pause.until)), 250);
    return () => clearInterval(timer);
  }, [pause.until]);
  const reason = errorLook(pause.failure.code).title;
  return (
    <div className={styles.pause} data-testid="waiting" data-attempt={pause.attempt}>
      <Hourglass size={14} strokeWidth={1.9} aria-hidden />
      <span aria-hidden title={pause.failure.message}>
        {seconds > 0 ? words.chat.waiting(reason, seconds, pause.attempt) : words.chat.waitingNow(reason, pause.attempt)}
      </span>
      <Button look="quiet" small onClick={onStop} data-testid="waiting-stop">
        {words.composer.stop}
      </Button>
    </div>
  );
}
