import { useState } from "react";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { words } from "@/lib/words";
import { isLastGroup, LastGroup, RecoveryCode } from "./sync-code";

/** Shown once, and left only by one who has it. */
export function EncryptionCode({ code, onDone }: { code: string; onDone: () => void }) {
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const done = () => {
    setTried(true);
    if (isLastGroup(code, typed)) onDone();
  };
  return (
    <Dialog
      open
      // Whoever leaves by a slip has lost it.
      onClose={() => {}}
      wide
      title={words.sync.setup.code}
      text={words.data.encryption.codeText}
      testId="encryption-code-dialog"
      actions={
        <Button look="primary" onClick={done} data-testid="encryption-code-done">
          {words.data.encryption.codeDone}
        </Button>
      }
    >
      <RecoveryCode code={code} />
      <LastGroup code={code} typed={typed} tried={tried} onType={setTyped} />
    </Dialog>
  );
}
