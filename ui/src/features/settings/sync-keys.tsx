import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { commands, type SyncPlace } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { AccessKeyFields } from "./access-key-fields";
import { keysOf, lacksKeys, noAccessKeys } from "./access-keys";
import data from "./data-section.module.css";
import form from "./form.module.css";
import own from "./settings-screen.module.css";
import { isLastGroup, LastGroup, RecoveryCode } from "./sync-code";
import { SyncConfirm } from "./sync-confirm";
import { isShort, NewPassphrase } from "./sync-passphrase";

const text = words.sync;

/** What opens the owner's data on a new device, and the keys beneath. */
export function SyncKeys({ place }: { place: SyncPlace | null }) {
  const [asked, setAsked] = useState<"passphrase" | "code" | "access" | "rotate" | null>(null);
  const [made, setMade] = useState<string | null>(null);
  const close = () => setAsked(null);
  return (
    <section className={own.block} aria-labelledby="sync-keys">
      <h3 id="sync-keys">{text.keys}</h3>
      <div className={data.actions}>
        <Button onClick={() => setAsked("passphrase")} data-testid="sync-change-passphrase">
          {text.change}
        </Button>
        <Button onClick={() => setAsked("code")} data-testid="sync-new-code">
          {text.newCode}
        </Button>
        {place?.type === "s3" && place.credentials.type === "keys" && (
          <Button onClick={() => setAsked("access")} data-testid="sync-change-access">
            {text.access}
          </Button>
        )}
      </div>
      <details className={form.advanced} data-testid="sync-keys-more">
        <summary>
          <ChevronRight size={14} strokeWidth={2} aria-hidden />
          {text.more}
        </summary>
        <div className={form.inside}>
          <div className={form.beside}>
            <p className={form.hint}>{text.rotateText}</p>
            <Button small onClick={() => setAsked("rotate")} data-testid="sync-rotate">
              {text.rotateYes}
            </Button>
          </div>
        </div>
      </details>
      {asked === "passphrase" && <PassphraseDialog onClose={close} />}
      {asked === "access" && <AccessDialog onClose={close} />}
      {asked === "code" && (
        <SyncConfirm
          title={text.newCodeTitle}
          text={<p>{text.newCodeText}</p>}
          yes={text.newCodeYes}
          work={() => commands.syncRecoveryCodeNew()}
          onClose={close}
          onDone={(code) => {
            close();
            setMade(code);
          }}
          testId="sync-code-dialog"
        />
      )}
      {asked === "rotate" && (
        <SyncConfirm
          title={text.rotate}
          text={<p>{text.rotateText}</p>}
          yes={text.rotateYes}
          work={() => commands.syncRotate()}
          onClose={close}
          onDone={() => {
            close();
            showToast(text.rotated);
          }}
          testId="sync-rotate-dialog"
        />
      )}
      {made && <CodeDialog code={made} onClose={() => setMade(null)} />}
    </section>
  );
}

function PassphraseDialog({ onClose }: { onClose: () => void }) {
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  return (
    <SyncConfirm
      title={text.changeTitle}
      text={<p>{text.changeText}</p>}
      yes={text.changeYes}
      ready={() => {
        setTried(true);
        return !isShort(passphrase) && passphrase === again;
      }}
      work={() => commands.syncPassphraseChange(passphrase)}
      onClose={onClose}
      onDone={() => {
        onClose();
        showToast(text.changed);
      }}
      testId="sync-passphrase-dialog"
    >
      <NewPassphrase passphrase={passphrase} again={again} disabled={false} tried={tried} onPassphrase={setPassphrase} onAgain={setAgain} />
    </SyncConfirm>
  );
}

function AccessDialog({ onClose }: { onClose: () => void }) {
  const [keys, setKeys] = useState(noAccessKeys);
  const [tried, setTried] = useState(false);
  return (
    <SyncConfirm
      title={text.accessTitle}
      text={<p>{text.accessText}</p>}
      yes={text.accessYes}
      ready={() => {
        setTried(true);
        return !lacksKeys(keys);
      }}
      work={() => commands.syncAccessKeysReplace(keysOf(keys))}
      onClose={onClose}
      onDone={() => {
        onClose();
        showToast(text.accessChanged);
      }}
      testId="sync-access-dialog"
    >
      <AccessKeyFields keys={keys} tried={tried} onChange={(next) => setKeys({ ...keys, ...next })} />
    </SyncConfirm>
  );
}

/** It is shown once: Esc or a click beside it does not take it away, only who has it before them goes on. */
function CodeDialog({ code, onClose }: { code: string; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const done = () => {
    setTried(true);
    if (isLastGroup(code, typed)) onClose();
  };
  return (
    <Dialog
      open
      onClose={() => setTried(true)}
      title={text.setup.code}
      text={text.setup.codeText}
      testId="sync-made-dialog"
      actions={
        <Button look="primary" onClick={done} data-testid="sync-code-kept">
          {text.codeKept}
        </Button>
      }
    >
      <RecoveryCode code={code} />
      <LastGroup code={code} typed={typed} tried={tried} onType={setTyped} />
    </Dialog>
  );
}
