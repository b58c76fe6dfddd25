import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Audience, SessionId } from "@/bindings";
import { closeTemporary, giveUp, holdsSomething } from "@/features/chat/temporary";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { draftKey } from "@/lib/drafts";
import { holdPage } from "@/lib/leave";
import { words } from "@/lib/words";
import { givesUp, type Move, move, type Place } from "./place";

/** Moves through the window, but asks once before a temporary chat in which something was said is lost. */
export function useGivingUp(place: Place, dispatch: (next: Move) => void) {
  const client = useQueryClient();
  const here = useRef(place);
  useLayoutEffect(() => {
    here.current = place;
  });
  const [asked, setAsked] = useState<{ proceed: () => void } | null>(null);

  /** `next`: what is about to be done; `then`: what else belongs to it. */
  const go = useCallback(
    (next: Move, then?: () => void) => {
      const { session, audience, temporary } = here.current;
      const key = draftKey(session, audience, temporary);
      const lost = givesUp(here.current, next);
      const proceed = () => {
        setAsked(null);
        then?.();
        dispatch(next);
        if (lost) giveUp(client, key, session);
      };
      if (lost && holdsSomething(key, session)) setAsked({ proceed });
      else proceed();
    },
    [client, dispatch],
  );

  useEffect(() => {
    const holds = () => {
      const { session, audience, temporary } = here.current;
      return temporary && holdsSomething(draftKey(session, audience, true), session);
    };
    const ask = (proceed: () => void) => {
      const { session, audience } = here.current;
      const yes = () => {
        giveUp(client, draftKey(session, audience, true), session);
        proceed();
      };
      setAsked({ proceed: yes });
    };
    return holdPage({ holds, ask });
  }, [client]);

  /** A new chat got its session. Of a temporary one that was left meanwhile, nothing may stay. */
  const started = (session: SessionId, audience: Audience, temporary: boolean) => {
    const next: Move = { to: "started", session, audience, temporary };
    if (temporary && move(here.current, next).session !== session) closeTemporary(client, session);
    else dispatch(next);
  };

  const text = words.temporary;
  const dialog = (
    <Dialog
      open={asked !== null}
      onClose={() => setAsked(null)}
      title={text.giveUp}
      text={text.giveUpText}
      testId="give-up"
      actions={
        <>
          <Button onClick={() => setAsked(null)}>{text.giveUpNo}</Button>
          <Button look="danger" onClick={() => asked?.proceed()} data-testid="give-up-yes">
            {text.giveUpYes}
          </Button>
        </>
      }
    />
  );
  return { go, started, dialog };
}
