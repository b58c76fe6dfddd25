import { words } from "@/lib/words";
import { Button } from "./button";
import { Notice } from "./notice";

/** Asks before a file that is there is written over. */
export function ReplaceNotice({ onReplace }: { onReplace: () => void }) {
  return (
    <Notice
      tone="warn"
      role="alert"
      testId="export-there"
      actions={
        <Button small data-testid="export-replace" onClick={onReplace}>
          {words.data.replace}
        </Button>
      }
    >
      {words.data.there}
    </Notice>
  );
}
