import { KeyRound } from "lucide-react";
import type { AwsIdentity } from "@/bindings";
import { Button, Spinner } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { errorLook, toWireError } from "@/lib/errors";
import { formatDayAndTime } from "@/lib/format";
import { words } from "@/lib/words";
import styles from "./identity.module.css";
import { useIdentity, useNow } from "./queries";
import { signIn, useSigning } from "./sign-in";
import { SignInPanel } from "./sign-in-panel";
import { leftInWords } from "./time";

const text = words.settings.identity;
/** Minutes before the end at which one is warned: long enough to finish a conversation and sign in. */
const soon = 30;

type IdentityProps = {
  /** The form says what is saved, so it can be told whose credentials these are. */
  saved: boolean;
  /** The profile of the form, if it signs in through a browser. */
  profile: string | null;
  isChain: boolean;
};

/** Whose credentials are used, until when, and what on this machine is deliberately not used. */
export function Identity({ saved, profile, isChain }: IdentityProps) {
  const identity = useIdentity(saved);
  const signing = useSigning();
  const error = identity.error && toWireError(identity.error);
  const known = saved ? identity.data : undefined;
  const expired = error?.code === "sign_in_expired";
  const signInButton = profile && !signing && (
    <Button small look={expired ? "primary" : "secondary"} onClick={() => void signIn(profile)} data-testid="sign-in-again">
      {known || expired ? words.settings.signIn.action : words.settings.signIn.first}
    </Button>
  );
  return (
    <div className={styles.box} data-testid="aws-identity">
      {!saved && (
        <div className={styles.line}>
          <span className={styles.quiet}>{text.unsaved}</span>
          {signInButton}
        </div>
      )}
      {saved && identity.isFetching && !known && (
        <p className={styles.line} role="status">
          <Spinner size={14} /> <span className={styles.quiet}>{text.looking}</span>
        </p>
      )}
      {saved && error && !identity.isFetching && (
        <Notice
          tone={error.code === "credentials_missing" ? "plain" : "warn"}
          icon={errorLook(error.code).icon}
          title={error.code === "credentials_missing" ? text.none : errorLook(error.code).title}
          testId="identity-problem"
          actions={
            <>
              {signInButton}
              <Button small look="quiet" onClick={() => void identity.refetch()} data-testid="identity-again">
                {text.again}
              </Button>
            </>
          }
        >
          <ErrorText error={error} titled />
          {expired && isChain && <p>{text.chainSignIn}</p>}
        </Notice>
      )}
      {known && !error && <Known identity={known}>{signInButton}</Known>}
      {signing && <SignInPanel signing={signing} />}
    </div>
  );
}

function Known({ identity, children }: { identity: AwsIdentity; children: React.ReactNode }) {
  const now = useNow();
  const { source, region, key_ends_with: ending, expires_at: end, ignored } = identity;
  const minutes = end ? (new Date(end).getTime() - now) / 60_000 : null;
  return (
    <>
      <section className={styles.card} aria-label={text.label}>
        <KeyRound size={16} strokeWidth={1.8} aria-hidden />
        <div className={styles.who}>
          <p className={styles.quiet}>{text.label}</p>
          <p>
            <b className={styles.title}>{source}</b>
          </p>
          <p className={styles.quiet}>
            {[region, ending && text.keyEnds(ending)].filter(Boolean).join(" · ")}
            {" · "}
            <span title={end ? formatDayAndTime(end) : undefined} data-testid="identity-expiry">
              {minutes === null ? text.lasting : minutes <= 0 ? text.expired : text.goodFor(leftInWords(minutes))}
            </span>
          </p>
        </div>
        {children}
      </section>
      {minutes !== null && minutes <= soon && (
        <Notice tone="warn" role="status" testId="identity-ends">
          {minutes <= 0 ? text.expiredNow : text.expiresSoon(leftInWords(minutes))}
        </Notice>
      )}
      {ignored.map((name) => (
        <Notice key={name} testId="identity-ignored">
          {text.ignored(name, source)}
        </Notice>
      ))}
    </>
  );
}
