import { useState } from "react";
import { DateField } from "@/kit/date-field";
import { dateOf, dayOf } from "@/lib/time-span";
import { words } from "@/lib/words";
import styles from "./dialogs.module.css";
import { ForgetDialog } from "./forget-dialog";

const text = words.memory;

/** All that was said or learned from one day to another. */
export function ForgetSpan({ onClose, onForgotten }: { onClose: () => void; onForgotten: () => void }) {
  const [span, setSpan] = useState({ from: "", to: "" });
  const from = dayOf(span.from);
  const before = dayOf(span.to, 1);
  const ready = from !== null && before !== null && from < before;
  return (
    <ForgetDialog
      scope={ready ? { type: "span", from, before } : null}
      note={text.forgetSpanText}
      onClose={onClose}
      onForgotten={onForgotten}
    >
      <div className={styles.dates}>
        <DateField
          label={words.find.from}
          value={span.from}
          max={span.to || dateOf(new Date())}
          onChange={(next) => setSpan({ ...span, from: next })}
          testId="forget-from"
        />
        <DateField
          label={words.find.to}
          value={span.to}
          min={span.from}
          onChange={(next) => setSpan({ ...span, to: next })}
          testId="forget-to"
        />
      </div>
      {!ready && <p className={styles.note}>{text.needSpan}</p>}
    </ForgetDialog>
  );
}
