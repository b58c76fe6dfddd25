import { Copy } from "lucide-react";
import { useState } from "react";
import { copyText } from "@/host/clipboard";
import { Button } from "@/kit/button";
import { Field } from "@/kit/field";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import form from "./form.module.css";
import styles from "./sync.module.css";
import { changeDraft } from "./sync-draft";
import { SyncStep } from "./sync-step";

const text = words.sync.setup;

const plain = (typed: string) => typed.replace(/[\s-]/g, "").toUpperCase();

/** Whether that is how the code ends: who can type it has it before them. */
export const isLastGroup = (code: string, typed: string): boolean => plain(typed) === code.split("-").at(-1);

/** Shown once, and gone on from only by one who has it. */
export function SyncCode({ code }: { code: string }) {
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const next = () => {
    setTried(true);
    if (isLastGroup(code, typed)) changeDraft({ step: "done", made: "" });
  };
  return (
    <SyncStep title={text.code} about={text.codeText} onNext={next} final>
      <RecoveryCode code={code} />
      <LastGroup code={code} typed={typed} tried={tried} onType={setTyped} />
    </SyncStep>
  );
}

export function RecoveryCode({ code }: { code: string }) {
  const copy = async () => {
    const copied = await copyText(code);
    showToast(copied ? text.codeCopied : words.chat.copyFailed, { tone: copied ? "good" : "warn" });
  };
  return (
    <div className={styles.card}>
      <div className={styles.codeLine}>
        <code className={`${styles.code} selectable`} dir="ltr" data-testid="sync-recovery-code">
          {code}
        </code>
        <Button small icon={Copy} onClick={() => void copy()} data-testid="sync-code-copy">
          {text.codeCopy}
        </Button>
      </div>
      <p className={form.hint}>{text.codeKeep}</p>
    </div>
  );
}

type LastGroupProps = { code: string; typed: string; tried: boolean; onType: (typed: string) => void };

export function LastGroup({ code, typed, tried, onType }: LastGroupProps) {
  return (
    <Field
      label={text.codeGroup}
      code
      dir="ltr"
      className={styles.group}
      maxLength={9}
      error={tried && !isLastGroup(code, typed) ? text.codeGroupWrong : null}
      value={typed}
      onChange={(event) => onType(event.target.value)}
      data-testid="sync-code-group"
    />
  );
}
