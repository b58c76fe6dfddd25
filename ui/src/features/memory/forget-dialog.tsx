import { hashKey, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { commands, type ForgetReach, type ForgetScope, type Receipt } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { toWireError } from "@/lib/errors";
import { formatDayAndTime } from "@/lib/format";
import { forgetForGood, quotingDrafts } from "@/lib/memory";
import { keys } from "@/lib/query";
import { words } from "@/lib/words";
import styles from "./dialogs.module.css";
import { reachTexts } from "./text";

const text = words.memory;

type ForgetDialogProps = {
  /** Null: it is not known yet what. */
  scope: ForgetScope | null;
  /** Said of that scope. */
  note?: ReactNode;
  onClose: () => void;
  onForgotten: () => void;
  /** Where one chooses the scope. */
  children?: ReactNode;
};

/** First what would go, then the deed, then the receipt. */
export function ForgetDialog({ scope, note, onClose, onForgotten, children }: ForgetDialogProps) {
  const client = useQueryClient();
  const [state, setState] = useState<{ busy?: boolean; failed?: { scope: ForgetScope; error: unknown }; receipt?: Receipt }>({});
  const plan = useQuery<ForgetReach>({
    queryKey: scope ? keys.plan(scope) : ["memory", "plan"],
    queryFn: () => commands.forgetPlan(scope as ForgetScope),
    enabled: scope !== null && !state.receipt,
  });
  const drafts = useQuery<number>({
    queryKey: scope ? keys.planDrafts(scope) : ["memory", "plan-drafts"],
    queryFn: async () => (await quotingDrafts(scope as ForgetScope)).length,
    enabled: scope !== null && !state.receipt,
    // They change without the program.
    staleTime: 0,
  });
  const sure = async () => {
    if (!scope) return;
    setState({ busy: true });
    try {
      setState({ receipt: await forgetForGood(client, scope) });
    } catch (error) {
      setState({ failed: { scope, error } });
    }
  };
  const close = () => {
    if (state.busy) return;
    onClose();
    if (state.receipt) onForgotten();
  };
  if (state.receipt)
    return (
      <Dialog
        open
        onClose={close}
        title={text.forgotten}
        text={text.forgottenText}
        testId="forgotten"
        actions={
          <Button look="primary" onClick={close} data-testid="forgotten-close">
            {words.form.close}
          </Button>
        }
      >
        <ReceiptView receipt={state.receipt} />
      </Dialog>
    );
  // Of another choice it says nothing.
  const error = (state.failed && scope && hashKey([state.failed.scope]) === hashKey([scope]) ? state.failed.error : null) ?? plan.error;
  const something = plan.data && reachTexts(plan.data).length > 0;
  return (
    <Dialog
      open
      onClose={close}
      title={text.forgetTitle}
      text={text.forgetText}
      testId="forget-dialog"
      actions={
        <>
          <Button onClick={close} disabled={state.busy}>
            {words.form.cancel}
          </Button>
          <Button look="danger" busy={state.busy} disabled={!something} onClick={() => void sure()} data-testid="forget-sure">
            {state.busy ? text.forgetting : text.forgetYes}
          </Button>
        </>
      }
    >
      {children}
      {scope && (
        <section className={styles.plan} aria-label={text.reaches} aria-live="polite" data-testid="forget-plan">
          {plan.data ? <Reach reach={plan.data} /> : !plan.error && <Skeleton lines={2} />}
          {drafts.data ? <p data-testid="drafts-go">{text.draftsGo(drafts.data)}</p> : null}
          {note && <p className={styles.note}>{note}</p>}
        </section>
      )}
      {error != null && (
        <Notice tone="danger" role="alert" testId="forget-error">
          <ErrorText error={toWireError(error)} />
        </Notice>
      )}
    </Dialog>
  );
}

function Reach({ reach }: { reach: ForgetReach }) {
  const texts = reachTexts(reach);
  if (texts.length === 0) return <p>{text.reachesNothing}</p>;
  return (
    <>
      <p>{text.reaches}</p>
      <ul>
        {texts.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <Stays reach={reach} />
    </>
  );
}

/** What forgetting does not reach, and the owner has to delete. */
function Stays({ reach: { exports = 0, quotes = 0 } }: { reach: ForgetReach }) {
  return (
    <>
      {exports > 0 && <p data-testid="exports-stay">{text.exportsStay(exports)}</p>}
      {quotes > 0 && <p data-testid="quotes-stay">{text.quotesStay(quotes)}</p>}
    </>
  );
}

export function ReceiptView({ receipt: { id, at, scope, reach } }: { receipt: Receipt }) {
  // A newer program may know more kinds of scope than this window.
  const what = text.scopes[scope as ForgetScope["type"]] ?? scope;
  return (
    <article className={styles.receipt} data-testid="receipt">
      <p>
        <b>{what}</b>
        <time dateTime={at}>{formatDayAndTime(at)}</time>
      </p>
      <ul>
        {reachTexts(reach).map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <Stays reach={reach} />
      <p className={styles.id}>
        <bdi className="selectable">{text.receipt(id)}</bdi>
      </p>
    </article>
  );
}
