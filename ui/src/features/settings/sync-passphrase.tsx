import { useState } from "react";
import { Field } from "@/kit/field";
import { Notice } from "@/kit/notice";
import { words } from "@/lib/words";
import { Check } from "./check";
import form from "./form.module.css";
import { useStrength } from "./passphrase-strength";
import styles from "./sync.module.css";

const text = words.sync.setup;

/** As the program counts them. */
export const isShort = (passphrase: string): boolean => [...passphrase].length < 10;

type NewPassphraseProps = {
  passphrase: string;
  again: string;
  disabled: boolean;
  /** It was tried to go on: then what is wrong is said. */
  tried: boolean;
  /** What it means that nobody can. */
  noReset?: string;
  onPassphrase: (passphrase: string) => void;
  onAgain: (again: string) => void;
};

/** A passphrase that nobody can reset: typed twice, with how good it is. */
export function NewPassphrase({ passphrase, again, disabled, tried, noReset = text.noReset, onPassphrase, onAgain }: NewPassphraseProps) {
  const [shown, setShown] = useState(false);
  const type = shown ? "text" : "password";
  // Said once the second one is as long, and not at its first letter.
  const different = passphrase !== again && (tried || again.length >= passphrase.length) && again !== "";
  return (
    <div className={form.fields}>
      <div className={form.pair}>
        <Field
          label={text.passphrase}
          type={type}
          dir="ltr"
          autoComplete="new-password"
          value={passphrase}
          disabled={disabled}
          error={tried && isShort(passphrase) ? text.short : null}
          onChange={(event) => onPassphrase(event.target.value)}
          data-testid="sync-passphrase"
        />
        <Field
          label={text.again}
          type={type}
          dir="ltr"
          autoComplete="new-password"
          value={again}
          disabled={disabled}
          error={different || (tried && passphrase !== again) ? text.different : null}
          onChange={(event) => onAgain(event.target.value)}
          data-testid="sync-again"
        />
      </div>
      <StrengthBar passphrase={passphrase} />
      <Check label={text.reveal} checked={shown} onChange={setShown} testId="sync-reveal" />
      <Notice tone="warn">{noReset}</Notice>
    </div>
  );
}

function StrengthBar({ passphrase }: { passphrase: string }) {
  const strength = useStrength(passphrase);
  return (
    <div className={styles.strength} data-strength={strength ?? undefined} data-testid="sync-strength">
      <span className={styles.bars} aria-hidden>
        {[1, 2, 3, 4].map((level) => (
          <i key={level} data-on={strength !== null && strength >= level ? "" : undefined} />
        ))}
      </span>
      <span role="status" className={styles.level}>
        {strength === null ? text.short : `${text.strength}: ${text.strengths[strength]}`}
      </span>
    </div>
  );
}
