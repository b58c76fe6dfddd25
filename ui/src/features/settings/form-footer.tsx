import type { ReactNode } from "react";
import type { WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { errorLook } from "@/lib/errors";
import { words } from "@/lib/words";
import styles from "./form.module.css";

type FormFooterProps = {
  error: WireError | null;
  saved: string | null;
  busy: boolean;
  label: string;
  children?: ReactNode;
  /** Which button this is, where a screen has several. */
  testId?: string;
};

/** The result of saving, said where one looks after pressing the button. */
export function FormFooter({ error, saved, busy, label, children, testId = "settings" }: FormFooterProps) {
  return (
    <div className={styles.end}>
      {error && (
        <Notice tone="danger" role="alert" icon={errorLook(error.code).icon} title={words.settings.notSaved} testId={`${testId}-error`}>
          <ErrorText error={error} />
        </Notice>
      )}
      <div className={styles.footer}>
        <span className={styles.result} role="status" data-testid={`${testId}-saved`}>
          {saved}
        </span>
        {children}
        <Button look="primary" type="submit" busy={busy} data-testid={`${testId}-save`}>
          {label}
        </Button>
      </div>
    </div>
  );
}
