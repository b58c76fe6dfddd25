import { type ReactNode, useState } from "react";
import { commands, type EncryptionState, type WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { errorLook, toWireError } from "@/lib/errors";
import { words } from "@/lib/words";
import { Check } from "./check";
import styles from "./data-section.module.css";
import { isShort, NewPassphrase } from "./sync-passphrase";

const text = words.data.encryption;

type ConfirmProps<T> = {
  title: string;
  about: string[];
  yes: string;
  danger?: boolean;
  children?: ReactNode;
  /** Whether it may be tried now. */
  ready?: () => boolean;
  work: () => Promise<T>;
  onClose: () => void;
  onDone: (gave: T) => void;
  testId: string;
};

/** Says what is going to happen, does it, and stays with the reason if that did not work. */
function Confirm<T>({ title, about, yes, danger, children, ready, work, onClose, onDone, testId }: ConfirmProps<T>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const run = async () => {
    if (ready && !ready()) return;
    setBusy(true);
    setError(null);
    try {
      onDone(await work());
    } catch (thrown) {
      setError(toWireError(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      // It is done or not: there is no half way to leave it at.
      onClose={() => busy || onClose()}
      wide
      title={title}
      text={
        <div className={styles.dialogText}>
          {about.map((paragraph) => (
            <p key={paragraph}>{paragraph}</p>
          ))}
        </div>
      }
      testId={testId}
      actions={
        <>
          <Button disabled={busy} onClick={onClose}>
            {words.form.cancel}
          </Button>
          <Button look={danger ? "danger" : "primary"} busy={busy} onClick={() => void run()} data-testid={`${testId}-yes`}>
            {yes}
          </Button>
        </>
      }
    >
      {children}
      {error && (
        <Notice tone="danger" role="alert" icon={errorLook(error.code).icon} title={text.couldNot} testId={`${testId}-failed`}>
          <ErrorText error={error} />
        </Notice>
      )}
    </Dialog>
  );
}

/** Both times that it is typed. */
function usePassphrase() {
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  return {
    passphrase,
    isGood: () => {
      setTried(true);
      return !isShort(passphrase) && passphrase === again;
    },
    fields: (
      <NewPassphrase
        passphrase={passphrase}
        again={again}
        disabled={false}
        tried={tried}
        noReset={text.noReset}
        onPassphrase={setPassphrase}
        onAgain={setAgain}
      />
    ),
  };
}

type OnProps = { keychain: boolean; onClose: () => void; onDone: (code: string, state: EncryptionState) => void };

export function OnDialog({ keychain, onClose, onDone }: OnProps) {
  const [asked, setAsked] = useState(!keychain);
  const typed = usePassphrase();
  return (
    <Confirm
      title={text.onTitle}
      about={[text.onText, text.onNot]}
      yes={text.onYes}
      ready={() => !asked || typed.isGood()}
      work={() => commands.encryptionOn(asked ? typed.passphrase : null)}
      onClose={onClose}
      onDone={(code) => onDone(code, asked ? "passphrase" : "keychain")}
      testId="encryption-on-dialog"
    >
      {keychain ? (
        <Check label={text.ask} hint={text.askHint} checked={asked} onChange={setAsked} testId="encryption-ask" />
      ) : (
        <Notice testId="encryption-no-keychain">{text.noKeychain}</Notice>
      )}
      {asked && typed.fields}
    </Confirm>
  );
}

export function OffDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  return (
    <Confirm
      title={text.offTitle}
      about={[text.offText]}
      yes={text.offYes}
      danger
      work={() => commands.encryptionOff()}
      onClose={onClose}
      onDone={onDone}
      testId="encryption-off-dialog"
    />
  );
}

export function CodeDialog({ onClose, onDone }: { onClose: () => void; onDone: (code: string) => void }) {
  return (
    <Confirm
      title={text.newCodeTitle}
      about={[text.newCodeText]}
      yes={text.newCodeYes}
      work={() => commands.encryptionCodeNew()}
      onClose={onClose}
      onDone={onDone}
      testId="encryption-new-code"
    />
  );
}

export function PassphraseDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const typed = usePassphrase();
  return (
    <Confirm
      title={text.changeTitle}
      about={[text.changeText]}
      yes={text.changeYes}
      ready={typed.isGood}
      work={() => commands.encryptionPassphraseChange(typed.passphrase)}
      onClose={onClose}
      onDone={onDone}
      testId="encryption-change"
    >
      {typed.fields}
    </Confirm>
  );
}
