import type { ReactNode } from "react";
import type { WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { CodeText } from "@/kit/code-text";
import { Notice } from "@/kit/notice";
import { errorLook, errorText } from "@/lib/errors";
import { words } from "@/lib/words";
import styles from "./form.module.css";

type FormFooterProps = { error: WireError | null; saved: string | null; busy: boolean; label: string; children?: ReactNode };

/** The result of saving, said where one looks after pressing the button. */
export function FormFooter({ error, saved, busy, label, children }: FormFooterProps) {
  return (
    <>
      {error && (
        <Notice tone="danger" role="alert" icon={errorLook(error.code).icon} title={words.settings.notSaved} testId="settings-error">
          <CodeText text={errorText(error)} />
        </Notice>
      )}
      <div className={styles.footer}>
        <span className={styles.result} role="status" data-testid="settings-saved">
          {saved}
        </span>
        {children}
        <Button look="primary" type="submit" busy={busy} data-testid="settings-save">
          {label}
        </Button>
      </div>
    </>
  );
}
