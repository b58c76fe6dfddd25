import { useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { KeyOf } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { Notice } from "@/kit/notice";
import { errorText, toWireError } from "@/lib/errors";
import { useCredentials } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./form.module.css";
import { forget } from "./save";

/** In place of the fields while a key is saved: its existence is all that the window ever learns of it. */
export function SavedKey({ of, onReplace }: { of: KeyOf; onReplace: () => void }) {
  const client = useQueryClient();
  const session = useCredentials().data?.status !== "keychain";
  const [asking, setAsking] = useState(false);
  const [one, several] = session
    ? [words.settings.keySavedSession, words.settings.keysSavedSession]
    : [words.settings.keySaved, words.settings.keysSaved];
  const remove = () => {
    setAsking(false);
    forget(client, of)
      .then(() => showToast(words.settings.forgotten))
      .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
  };
  return (
    <div className={styles.savedKey} data-testid="saved-key">
      <KeyRound size={15} strokeWidth={1.8} aria-hidden />
      <span>{of.type === "bedrock_keys" ? several : one}</span>
      <Button look="quiet" small onClick={onReplace} data-testid="key-replace">
        {words.settings.replace}
      </Button>
      <Button look="quiet" small onClick={() => setAsking(true)} data-testid="key-forget">
        {words.settings.forget}
      </Button>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={words.settings.forgetTitle}
        text={words.settings.forgetText}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>{words.form.cancel}</Button>
            <Button look="danger" onClick={remove}>
              {words.settings.forget}
            </Button>
          </>
        }
      />
    </div>
  );
}

/** Said before a key is typed, not after. */
export function KeychainNotice() {
  const status = useCredentials().data?.status;
  const text = status === "session_only" ? words.settings.sessionOnly : status === "locked" ? words.settings.locked : null;
  if (!text) return null;
  return (
    <Notice tone="warn" testId="keychain-notice">
      {text}
    </Notice>
  );
}
