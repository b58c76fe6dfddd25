import { errorDetails, errorText, hintText, type Told } from "@/lib/errors";
import { words } from "@/lib/words";
import { CodeText } from "./code-text";
import styles from "./error-text.module.css";

type ErrorTextProps = {
  error: Told;
  titled?: boolean;
  /** What the codes mean here, where the general words would mean something else. */
  here?: Partial<Record<NonNullable<Told["code"]>, string>>;
};

/** What went wrong and what to do. `titled`: what went wrong is the heading already. */
export function ErrorText({ error, titled, here }: ErrorTextProps) {
  const better = errorDetails(error) !== null && error.code ? here?.[error.code] : undefined;
  return (
    <>
      <CodeText text={better ?? errorText(error, titled)} />
      <Details error={error} />
    </>
  );
}

/** Only what to do. */
export function HintText({ error }: { error: Told }) {
  return (
    <>
      <CodeText text={hintText(error)} />
      <Details error={error} />
    </>
  );
}

/** What the program said itself, where that is another language. */
function Details({ error }: { error: Told }) {
  const details = errorDetails(error);
  if (!details) return null;
  return (
    <details className={styles.details} data-testid="error-details">
      <summary>{words.problem.details}</summary>
      <span lang="en" dir="ltr">
        <CodeText text={details} />
      </span>
    </details>
  );
}
