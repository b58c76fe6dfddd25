import { ChevronRight } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import type { BedrockSettings } from "@/bindings";
import { Field } from "@/kit/field";
import { Segments } from "@/kit/segments";
import { words } from "@/lib/words";
import { Check } from "./check";
import styles from "./form.module.css";

const text = words.settings;

type BedrockAdvancedProps = {
  values: BedrockSettings;
  problem: string | null;
  onChange: (change: Partial<BedrockSettings>) => void;
  /** What else is folded away, at the first run. */
  children?: ReactNode;
};

/** What few need. Open from the start if something in it is set: nothing that has an effect hides. */
export function BedrockAdvanced({ values, problem, onChange, children }: BedrockAdvancedProps) {
  const [open, setOpen] = useState(
    () =>
      values.endpoint_url !== "" ||
      values.control_endpoint_url !== "" ||
      values.guardrail !== null ||
      values.service_tier !== "unset" ||
      values.low_latency,
  );
  useEffect(() => {
    if (problem) setOpen(true);
  }, [problem]);
  const { id = "", version = "" } = values.guardrail ?? {};
  const guard = (guardrail: { id: string; version: string }) =>
    onChange({ guardrail: guardrail.id || guardrail.version ? guardrail : null });
  return (
    <details className={styles.advanced} open={open} onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="bedrock-advanced">
      <summary>
        <ChevronRight size={14} strokeWidth={2} aria-hidden />
        {text.advanced}
      </summary>
      <div className={styles.inside}>
        {children}
        <div className={styles.group}>
          <span className={styles.label}>{text.endpoints}</span>
          <p className={styles.hint}>{text.endpointsHint}</p>
          <div className={styles.pair}>
            <Field
              label={text.endpoint}
              optional
              code
              inputMode="url"
              value={values.endpoint_url}
              onChange={(event) => onChange({ endpoint_url: event.target.value })}
              data-testid="bedrock-endpoint"
            />
            <Field
              label={text.controlEndpoint}
              optional
              code
              inputMode="url"
              value={values.control_endpoint_url}
              onChange={(event) => onChange({ control_endpoint_url: event.target.value })}
              data-testid="bedrock-control-endpoint"
            />
          </div>
        </div>
        <div className={styles.group}>
          <span className={styles.label}>{text.guardrail}</span>
          <p className={styles.hint}>{text.guardrailHint}</p>
          <div className={styles.pair}>
            <Field
              label={text.guardrailId}
              optional
              code
              value={id}
              onChange={(event) => guard({ id: event.target.value, version })}
              data-testid="guardrail-id"
            />
            <Field
              label={text.guardrailVersion}
              optional
              code
              placeholder="DRAFT"
              value={version}
              onChange={(event) => guard({ id, version: event.target.value })}
              data-testid="guardrail-version"
            />
          </div>
          {problem && (
            <p className={styles.error} role="alert">
              {problem}
            </p>
          )}
        </div>
        <div className={styles.group}>
          <span className={styles.label}>{text.tier}</span>
          <Segments
            label={text.tier}
            testId="service-tier"
            value={values.service_tier}
            options={(["unset", "priority", "flex", "reserved"] as const).map((value) => ({ value, label: text.tiers[value] }))}
            onChange={(service_tier) => onChange({ service_tier })}
          />
          <p className={styles.hint}>{text.tierTexts[values.service_tier]}</p>
        </div>
        <Check
          label={text.latency}
          hint={text.latencyHint}
          checked={values.low_latency}
          onChange={(low_latency) => onChange({ low_latency })}
          testId="low-latency"
        />
      </div>
    </details>
  );
}
