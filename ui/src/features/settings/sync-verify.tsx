import { commands, type SyncVerified } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { JobProgress } from "@/kit/job-progress";
import { Notice } from "@/kit/notice";
import { formatBytes, formatCount } from "@/lib/format";
import { type Job, jobOf } from "@/lib/job";
import { words } from "@/lib/words";
import data from "./data-section.module.css";
import own from "./settings-screen.module.css";
import styles from "./sync.module.css";

const text = words.sync;
const job = jobOf<SyncVerified>();
let running: Promise<Job<SyncVerified>> | null = null;

/** One at a time: who asks again meanwhile waits for the same. */
export function verify(): Promise<Job<SyncVerified>> {
  running ??= job
    .run((id, progress) => commands.syncVerify(id, progress))
    .finally(() => {
      running = null;
    });
  return running;
}

/** Everything read back, followed and called off as one likes. */
export function SyncVerify() {
  const now = job.use();
  return (
    <>
      <div className={own.row}>
        <h3 id="sync-verify" tabIndex={-1}>
          {text.verify}
        </h3>
        {now?.state !== "running" && (
          <Button small onClick={() => void verify()} data-testid="sync-verify">
            {text.verifyRun}
          </Button>
        )}
      </div>
      <p className={data.text}>{text.verifyText}</p>
      {now?.state === "running" && (
        <JobProgress
          label={text.verifying}
          percent={now.progress?.percent ?? null}
          finishing={now.progress?.stage === "finishing"}
          cancelling={now.cancelling}
          onCancel={job.cancel}
          testId="sync-verifying"
        />
      )}
      {now?.state === "cancelled" && (
        <Notice role="status" testId="sync-verify-stopped">
          {text.verifyStopped}
        </Notice>
      )}
      {now?.state === "failed" && (
        <Notice tone="danger" role="alert" title={text.verifyFailed} testId="sync-verify-failed">
          <ErrorText error={now.error} here={words.sync.problems} />
        </Notice>
      )}
      {now?.state === "done" && <Verified result={now.result} />}
    </>
  );
}

function Verified({ result: { objects, records, bytes, damaged, missing } }: { result: SyncVerified }) {
  const good = damaged.length === 0 && missing === 0;
  return (
    <Notice tone={good ? "good" : "danger"} role="status" title={good ? text.verifyGood : text.verifyBad} testId="sync-verified">
      <p>{text.verifyRead(objects, formatCount(records), formatBytes(bytes ?? 0))}</p>
      {missing > 0 && <p>{text.verifyMissing(missing)}</p>}
      {damaged.length > 0 && (
        <>
          <p>{text.verifyDamaged(damaged.length)}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <ul className={styles.names} tabIndex={0} aria-label={text.verifyDamaged(damaged.length)} dir="ltr">
            {damaged.map((name) => (
              <li key={name}>
                <code>{name}</code>
              </li>
            ))}
          </ul>
        </>
      )}
      {!good && <p>{text.verifyNext}</p>}
    </Notice>
  );
}
