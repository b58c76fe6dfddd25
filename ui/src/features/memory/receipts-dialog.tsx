import { useQuery } from "@tanstack/react-query";
import { commands } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";
import { words } from "@/lib/words";
import styles from "./dialogs.module.css";
import { ReceiptView } from "./forget-dialog";

const text = words.memory;

export function ReceiptsDialog({ onClose }: { onClose: () => void }) {
  const receipts = useQuery({ queryKey: keys.receipts, queryFn: () => commands.forgetReceipts() });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.receipts}
      text={text.receiptsText}
      testId="receipts"
      actions={<Button onClick={onClose}>{words.form.close}</Button>}
    >
      {receipts.isError ? (
        <Notice tone="danger" role="alert">
          <ErrorText error={toWireError(receipts.error)} />
        </Notice>
      ) : !receipts.data ? (
        <Skeleton lines={3} />
      ) : receipts.data.length === 0 ? (
        <p className={styles.note}>{text.receiptsNone}</p>
      ) : (
        receipts.data.map((receipt) => <ReceiptView key={receipt.id} receipt={receipt} />)
      )}
    </Dialog>
  );
}
