import { Circle, CircleCheck, CircleMinus, CircleX } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { commands, type ModelRef, type TestEvent, type TestStep, type WireError } from "@/bindings";
import { openChannel } from "@/host/channel";
import { copyText } from "@/host/clipboard";
import { Button, Spinner } from "@/kit/button";
import { CodeText } from "@/kit/code-text";
import { ErrorText, HintText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { cause, errorText, sentence, toWireError } from "@/lib/errors";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./connection-test.module.css";

const text = words.settings.test;
const steps: TestStep[] = ["identity", "list", "invoke"];

type Outcome = Record<TestStep, TestEvent | null>;
const untried: Outcome = { identity: null, list: null, invoke: null };

type ConnectionTestProps = {
  model: ModelRef | null;
  /** The form has changes that are not saved: what is tested is what is saved. */
  unsaved: boolean;
  /** Saves how Bedrock is reached; resolves to whether that worked. */
  onSave: () => Promise<boolean>;
};

/** Three steps that tick off one by one; the one that fails says why, what to do, and what is missing in AWS. */
export function ConnectionTest({ model, unsaved, onSave }: ConnectionTestProps) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [hadModel, setHadModel] = useState(true);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);

  const run = async () => {
    setBusy(true);
    setError(null);
    setOutcome(null);
    try {
      if (unsaved && !(await onSave())) return;
      setHadModel(model !== null);
      setOutcome(untried);
      const channel = openChannel<TestEvent>((event) => {
        if (!gone.current) setOutcome((before) => ({ ...(before ?? untried), [event.step]: event }));
      });
      await commands.bedrockTest(model, channel);
    } catch (thrown) {
      setError(toWireError(thrown));
    } finally {
      setBusy(false);
    }
  };

  const copyPolicy = async () => {
    try {
      const copied = await copyText(await commands.awsPolicy());
      showToast(copied ? text.policyCopied : words.chat.copyFailed, { tone: copied ? "good" : "warn" });
    } catch (thrown) {
      showToast(errorText(toWireError(thrown)), { tone: "warn" });
    }
  };

  const ends = outcome && !busy ? Object.values(outcome) : null;
  const verdict = ends && (ends.some((end) => end?.type === "failed") ? text.bad : ends.every((end) => end) ? text.good : "");
  return (
    <section className={styles.test} aria-label={text.title} data-testid="bedrock-test">
      <div className={styles.head}>
        <p className={styles.about}>{text.text}</p>
        <Button busy={busy} onClick={() => void run()} data-testid="bedrock-test-run">
          {busy ? text.running : unsaved ? text.saveAndRun : text.run}
        </Button>
      </div>
      {error && (
        <Notice tone="danger" role="alert" title={text.failed} testId="bedrock-test-error">
          <ErrorText error={error} />
        </Notice>
      )}
      {outcome && (
        <ol className={styles.steps}>
          {steps.map((step) => (
            <Step key={step} step={step} end={outcome[step]} over={!busy} noModel={step === "invoke" && !hadModel} />
          ))}
        </ol>
      )}
      <span role="status" className="visually-hidden">
        {verdict}
      </span>
      <div className={styles.head}>
        <p className={styles.about}>{text.policyText}</p>
        <Button look="quiet" small onClick={() => void copyPolicy()} data-testid="copy-policy">
          {text.policy}
        </Button>
      </div>
    </section>
  );
}

type StepProps = { step: TestStep; end: TestEvent | null; over: boolean; noModel: boolean };

function Step({ step, end, over, noModel }: StepProps) {
  const state = end?.type ?? (over ? "skipped" : "waiting");
  return (
    <li className={styles.step} data-state={state} data-testid={`test-step-${step}`}>
      <Mark state={state} />
      <div>
        <p>
          <b>{text.steps[step]}</b> <span className={styles.quiet}>{text.stepTexts[step]}</span>
        </p>
        {end?.type === "passed" && <p className={`${styles.quiet} selectable`}>{end.detail}</p>}
        {state === "skipped" && <p className={styles.quiet}>{noModel ? text.noModel : text.skipped}</p>}
        {end?.type === "failed" && (
          <div className="selectable">
            <p className={styles.why}>
              <CodeText text={sentence(cause(end.failure))} />
            </p>
            <div>
              <HintText error={end.failure} />
            </div>
            {end.action && (
              <p>
                {text.missing}{" "}
                <span data-testid="missing-action">
                  <CodeText text={`\`${end.action}\``} />
                </span>
              </p>
            )}
          </div>
        )}
      </div>
    </li>
  );
}

function Mark({ state }: { state: string }) {
  if (state === "started") return <Spinner size={16} />;
  const Icon = { passed: CircleCheck, failed: CircleX, skipped: CircleMinus }[state] ?? Circle;
  return <Icon size={16} strokeWidth={1.9} aria-hidden />;
}
