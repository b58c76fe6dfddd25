import { useState } from "react";
import { commands } from "@/bindings";
import { Button } from "@/kit/button";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import own from "./settings-screen.module.css";
import styles from "./sync.module.css";
import { SyncConfirm } from "./sync-confirm";

const text = words.sync;

export function SyncLeave({ waiting }: { waiting: number }) {
  const [asked, setAsked] = useState(false);
  return (
    <div className={own.block}>
      <div>
        <Button look="quiet" className={styles.leave} onClick={() => setAsked(true)} data-testid="sync-leave">
          {text.leave}
        </Button>
      </div>
      {asked && (
        <SyncConfirm
          title={text.leaveTitle}
          text={
            <>
              <p>{text.leaveText}</p>
              {waiting > 0 && <p>{text.leaveWaiting(waiting)}</p>}
            </>
          }
          yes={text.leaveYes}
          danger
          work={() => commands.syncLeave()}
          onClose={() => setAsked(false)}
          onDone={() => showToast(text.left)}
          testId="sync-leave-dialog"
        />
      )}
    </div>
  );
}
