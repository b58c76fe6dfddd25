import { useEffect, useState } from "react";
import { copyText } from "@/host/clipboard";
import { Button, Spinner } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./identity.module.css";
import { cancelSignIn, type Signing, signIn } from "./sign-in";

const text = words.settings.signIn;

/** What the person does meanwhile: compare the code, allow the access, or give up. */
export function SignInPanel({ signing: { profile, waits, error } }: { signing: Signing }) {
  if (error) {
    return (
      <Notice
        tone="danger"
        role="alert"
        title={text.failed}
        testId="sign-in-error"
        actions={
          <>
            <Button small onClick={() => void signIn(profile)}>
              {words.problem.again}
            </Button>
            <Button small look="quiet" onClick={cancelSignIn}>
              {words.form.close}
            </Button>
          </>
        }
      >
        <ErrorText error={error} />
      </Notice>
    );
  }
  return (
    <section className={styles.signIn} aria-label={text.title(profile)} data-testid="sign-in">
      <p className={styles.title}>{text.title(profile)}</p>
      {waits && (
        <>
          <p className={styles.text}>{text.text}</p>
          <p>
            <span className={styles.quiet}>{text.code}</span>
            <strong className={styles.code} data-testid="sign-in-code">
              <span className="selectable">{waits.code}</span>
            </strong>
          </p>
        </>
      )}
      <div className={styles.actions}>
        <span className={styles.waiting} role="status">
          <Spinner size={14} />
          {waits ? text.waiting : text.starting}
        </span>
        {waits && <CopyButton label={text.link} text={waits.url} testId="sign-in-link" />}
        <Button small onClick={cancelSignIn} data-testid="sign-in-cancel">
          {text.cancel}
        </Button>
      </div>
    </section>
  );
}

export function CopyButton({ label, text: copied, testId }: { label: string; text: string; testId: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1600);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    if (await copyText(copied)) setDone(true);
    else showToast(words.chat.copyFailed, { tone: "warn" });
  };
  return (
    <Button small look="quiet" onClick={() => void copy()} data-testid={testId}>
      {done ? words.form.copied : label}
    </Button>
  );
}
