import { type FormEvent, useState } from "react";
import { commands, type WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Field } from "@/kit/field";
import { Notice } from "@/kit/notice";
import { toWireError } from "@/lib/errors";
import { words } from "@/lib/words";

/** For an encrypted home whose key is not at hand: one field for both, since nobody mistakes one for the other. */
export function Unlock({ onUnlocked }: { onUnlocked: () => void }) {
  const [secret, setSecret] = useState("");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<WireError | null>(null);
  const text = words.trouble.unlock;
  const open = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailed(null);
    try {
      await commands.encryptionUnlock(secret);
      setSecret("");
      onUnlocked();
    } catch (thrown) {
      setFailed(toWireError(thrown));
    }
    setBusy(false);
  };
  return (
    <form onSubmit={(event) => void open(event)} data-testid="unlock">
      <Field
        label={text.field}
        type="password"
        value={secret}
        onChange={(event) => setSecret(event.target.value)}
        autoComplete="off"
        autoFocus
        data-testid="unlock-secret"
      />
      <Button look="primary" type="submit" busy={busy} disabled={secret === ""} data-testid="unlock-open">
        {text.open}
      </Button>
      {failed && (
        <Notice tone="danger" role="alert" title={text.failed} testId="unlock-failed">
          <ErrorText error={failed} />
        </Notice>
      )}
    </form>
  );
}
