import { useState } from "react";
import { commands, type SyncSecret, type WireError } from "@/bindings";
import { ErrorText } from "@/kit/error-text";
import { Field } from "@/kit/field";
import { Notice } from "@/kit/notice";
import { Segments } from "@/kit/segments";
import { errorLook } from "@/lib/errors";
import { useSyncChange } from "@/lib/sync";
import { words } from "@/lib/words";
import { Check } from "./check";
import form from "./form.module.css";
import { Rows } from "./rows";
import { changeDraft, type Draft, foundOf, setupOf } from "./sync-draft";
import { DeviceName } from "./sync-secret";
import { Said, SyncStep } from "./sync-step";

const text = words.sync.setup;

/** Which vault, what opens it, and how this device is called. What was typed stays when it does not fit. */
export function SyncOpen({ draft }: { draft: Draft }) {
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const change = useSyncChange();
  const vaults = foundOf(draft)?.vaults ?? [];
  const several = vaults.length > 1;
  const byCode = draft.by === "code";
  const noSecret = byCode ? !draft.code.trim() : !draft.passphrase;
  const noVault = several && !vaults.some((vault) => vault === draft.vault);
  const join = async () => {
    setTried(true);
    if (noSecret || noVault || !draft.device.trim()) return;
    setBusy(true);
    setError(null);
    const secret: SyncSecret = byCode
      ? { type: "recovery_code", code: draft.code.trim() }
      : { type: "passphrase", passphrase: draft.passphrase };
    const joined = await change(async () => {
      await commands.syncJoin(setupOf(draft), several ? draft.vault : null, secret);
      changeDraft({ step: "done", passphrase: "", code: "", secretKey: "", sessionToken: "" });
    }, setError);
    if (!joined) setBusy(false);
  };
  return (
    <SyncStep
      title={text.openTitle}
      next={busy ? text.joining : text.join}
      busy={busy}
      onBack={() => changeDraft({ step: "access" })}
      onNext={() => void join()}
    >
      {several && (
        <div className={form.group}>
          <span className={form.label}>{text.vault}</span>
          <p className={form.hint}>{text.vaultText}</p>
          <Rows
            label={text.vault}
            testId="sync-vault"
            value={draft.vault}
            rows={vaults.map((vault) => ({ value: vault, title: text.vaultOf(vault.slice(0, 8)) }))}
            onChange={(vault) => changeDraft({ vault })}
          />
          {tried && noVault && (
            <p className={form.error} role="alert">
              {text.needVault}
            </p>
          )}
        </div>
      )}
      <div className={form.group}>
        <Segments
          label={text.by}
          testId="sync-by"
          value={draft.by}
          options={(["passphrase", "code"] as const).map((value) => ({ value, label: text.bys[value] }))}
          onChange={(by) => {
            setTried(false);
            setError(null);
            changeDraft({ by });
          }}
        />
        {byCode ? (
          <Field
            key="code"
            label={text.bys.code}
            code
            dir="ltr"
            hint={text.codeHint}
            error={tried && noSecret ? text.needCode : null}
            value={draft.code}
            disabled={busy}
            onChange={(event) => changeDraft({ code: event.target.value })}
            data-testid="sync-open-code"
          />
        ) : (
          <>
            <Field
              key="passphrase"
              label={text.passphrase}
              type={shown ? "text" : "password"}
              dir="ltr"
              hint={text.openHint}
              error={tried && noSecret ? text.needPassphrase : null}
              value={draft.passphrase}
              disabled={busy}
              onChange={(event) => changeDraft({ passphrase: event.target.value })}
              data-testid="sync-open-passphrase"
            />
            <Check label={text.reveal} checked={shown} onChange={setShown} testId="sync-reveal" />
          </>
        )}
      </div>
      <DeviceName draft={draft} tried={tried} disabled={busy} />
      {error && (
        <Said>
          <Notice tone="danger" role="alert" icon={errorLook(error.code).icon} title={text.joinFailed} testId="sync-join-failed">
            <ErrorText error={error} here={words.sync.problems} />
          </Notice>
        </Said>
      )}
    </SyncStep>
  );
}
