import { useState } from "react";
import { commands, type WireError } from "@/bindings";
import { ErrorText } from "@/kit/error-text";
import { Field } from "@/kit/field";
import { Notice } from "@/kit/notice";
import { errorLook } from "@/lib/errors";
import { useSyncChange } from "@/lib/sync";
import { words } from "@/lib/words";
import { changeDraft, type Draft, setupOf } from "./sync-draft";
import { isShort, NewPassphrase } from "./sync-passphrase";
import { Said, SyncStep } from "./sync-step";

const text = words.sync.setup;

/** The name of the first device and the passphrase; from here on there is a vault. */
export function SyncSecret({ draft }: { draft: Draft }) {
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const change = useSyncChange();
  const create = async () => {
    setTried(true);
    if (!draft.device.trim() || isShort(draft.passphrase) || draft.passphrase !== draft.again) return;
    setBusy(true);
    setError(null);
    const code = await change(async () => {
      const made = await commands.syncCreate(setupOf(draft), draft.passphrase);
      // At once: nothing may come between a code that is shown once and the screen that shows it. The secrets have done their work.
      changeDraft({ step: "code", made, passphrase: "", again: "", secretKey: "", sessionToken: "" });
    }, setError);
    if (!code) setBusy(false);
  };
  return (
    <SyncStep
      title={text.secretTitle}
      about={text.passphraseText}
      next={busy ? text.creating : text.create}
      busy={busy}
      onBack={() => changeDraft({ step: "access" })}
      onNext={() => void create()}
    >
      <DeviceName draft={draft} tried={tried} disabled={busy} />
      <NewPassphrase
        passphrase={draft.passphrase}
        again={draft.again}
        disabled={busy}
        tried={tried}
        onPassphrase={(passphrase) => changeDraft({ passphrase })}
        onAgain={(again) => changeDraft({ again })}
      />
      {error && (
        <Said>
          <Notice tone="danger" role="alert" icon={errorLook(error.code).icon} title={text.createFailed} testId="sync-create-failed">
            <ErrorText error={error} here={words.sync.problems} />
          </Notice>
        </Said>
      )}
    </SyncStep>
  );
}

export function DeviceName({ draft, tried, disabled }: { draft: Draft; tried: boolean; disabled: boolean }) {
  return (
    <Field
      label={text.device}
      hint={text.deviceHint}
      error={tried && !draft.device.trim() ? text.needDevice : null}
      maxLength={60}
      value={draft.device}
      disabled={disabled}
      onChange={(event) => changeDraft({ device: event.target.value })}
      data-testid="sync-device-name"
    />
  );
}
