import type { MessageId } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { words } from "@/lib/words";

/** A branch that is to be deleted: from which message on, and how many follow it. */
export type Deletion = { message: MessageId; follow: number };

type DeleteDialogProps = { deletion: Deletion | null; onDelete: (deletion: Deletion) => void; onClose: () => void };

export function DeleteDialog({ deletion, onDelete, onClose }: DeleteDialogProps) {
  return (
    <Dialog
      open={deletion !== null}
      onClose={onClose}
      title={words.thread.deletion.title}
      text={deletion && words.thread.deletion.text(deletion.follow)}
      testId="delete-branch"
      actions={
        <>
          <Button onClick={onClose}>{words.thread.deletion.keep}</Button>
          <Button
            look="danger"
            data-testid="delete-branch-sure"
            onClick={() => {
              if (deletion) onDelete(deletion);
              onClose();
            }}
          >
            {words.thread.deletion.remove}
          </Button>
        </>
      }
    />
  );
}
