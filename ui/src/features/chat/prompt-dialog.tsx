import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { words } from "@/lib/words";
import { useCopy } from "./copy";
import styles from "./why-panel.module.css";

type PromptDialogProps = { open: boolean; prompt: string; offline: boolean; onClose: () => void };

export function PromptDialog({ open, prompt, offline, onClose }: PromptDialogProps) {
  const [copied, copy] = useCopy();
  return (
    <Dialog
      open={open}
      onClose={onClose}
      wide
      title={offline ? words.why.promptOffline : words.why.promptTitle}
      text={!prompt ? words.why.promptEmpty : offline ? words.why.promptOfflineText : words.why.promptText}
      testId="prompt-dialog"
      actions={
        <>
          {prompt && <Button onClick={() => copy(prompt)}>{copied ? words.form.copied : words.form.copy}</Button>}
          <Button look="primary" onClick={onClose}>
            {words.form.close}
          </Button>
        </>
      }
    >
      {prompt && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls must be reachable by keyboard
        <pre className={styles.promptText} tabIndex={0} data-testid="prompt-text">
          {prompt}
        </pre>
      )}
    </Dialog>
  );
}
