import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { EncryptionState } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { toWireError } from "@/lib/errors";
import { useCredentials } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./data-section.module.css";
import { EncryptionCode } from "./encryption-code";
import { CodeDialog, OffDialog, OnDialog, PassphraseDialog } from "./encryption-dialogs";
import { encryptionKey, useEncryption } from "./queries";
import own from "./settings-screen.module.css";

const text = words.data.encryption;

type Open = "on" | "off" | "code" | "passphrase" | null;

export function EncryptionPart() {
  const client = useQueryClient();
  const state = useEncryption();
  const keychain = useCredentials().data?.status === "keychain";
  const [open, setOpen] = useState<Open>(null);
  const [code, setCode] = useState<string | null>(null);
  const changed = (to?: EncryptionState) => {
    setOpen(null);
    if (to) client.setQueryData(encryptionKey, to);
    void client.invalidateQueries({ queryKey: encryptionKey });
  };
  const close = () => setOpen(null);
  return (
    <section className={own.block} aria-labelledby="data-encryption" data-part="encryption">
      <h3 id="data-encryption" tabIndex={-1}>
        {text.title}
      </h3>
      <p className={styles.text}>{text.text}</p>
      {state.isPending && <Skeleton lines={1} />}
      {state.isError && (
        <Notice
          tone="danger"
          title={text.failed}
          testId="encryption-failed"
          actions={
            <Button small onClick={() => void state.refetch()}>
              {words.problem.again}
            </Button>
          }
        >
          <ErrorText error={toWireError(state.error)} />
        </Notice>
      )}
      {state.data && (
        <>
          <p role="status" data-testid="encryption-state" data-state={state.data}>
            {text.states[state.data]}
          </p>
          <div className={styles.actions}>
            {state.data === "off" ? (
              <Button small onClick={() => setOpen("on")} data-testid="encryption-on">
                {text.on}
              </Button>
            ) : (
              <>
                <Button small onClick={() => setOpen("code")} data-testid="encryption-code">
                  {text.newCode}
                </Button>
                {state.data === "passphrase" && (
                  <Button small onClick={() => setOpen("passphrase")} data-testid="encryption-passphrase">
                    {text.change}
                  </Button>
                )}
                <Button small onClick={() => setOpen("off")} data-testid="encryption-off">
                  {text.off}
                </Button>
              </>
            )}
          </div>
        </>
      )}
      {open === "on" && (
        <OnDialog
          keychain={keychain}
          onClose={close}
          onDone={(made, how) => {
            // First of all: it is shown once.
            setCode(made);
            changed(how);
          }}
        />
      )}
      {open === "off" && (
        <OffDialog
          onClose={close}
          onDone={() => {
            showToast(text.offDone);
            changed("off");
          }}
        />
      )}
      {open === "code" && (
        <CodeDialog
          onClose={close}
          onDone={(made) => {
            setCode(made);
            close();
          }}
        />
      )}
      {open === "passphrase" && (
        <PassphraseDialog
          onClose={close}
          onDone={() => {
            showToast(text.changeDone);
            close();
          }}
        />
      )}
      {code !== null && <EncryptionCode code={code} onDone={() => setCode(null)} />}
    </section>
  );
}
