import { useEffect, useState } from "react";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { holdLeaving } from "@/lib/leave";
import { words } from "@/lib/words";

/** Asks before unsaved changes are left behind, whoever wants to leave: another file, another screen, a keyboard shortcut. */
export function LeaveDialog({ path, dirty, onSave }: { path: string; dirty: boolean; onSave: () => Promise<boolean> }) {
  const [proceed, setProceed] = useState<(() => void) | null>(null);
  useEffect(() => {
    if (!dirty) return;
    return holdLeaving((next) => setProceed(() => next));
  }, [dirty]);
  const stay = () => setProceed(null);
  return (
    <Dialog
      open={proceed !== null}
      onClose={stay}
      title={words.persona.guardTitle}
      text={words.persona.guardText(path)}
      testId="leave-dialog"
      actions={
        <>
          <Button onClick={stay}>{words.persona.guardKeep}</Button>
          <Button
            onClick={() => {
              stay();
              proceed?.();
            }}
          >
            {words.persona.guardDiscard}
          </Button>
          <Button
            look="primary"
            onClick={() => {
              stay();
              void onSave().then((saved) => saved && proceed?.());
            }}
          >
            {words.persona.guardSave}
          </Button>
        </>
      }
    />
  );
}
