import { useState } from "react";
import { CodeText } from "@/kit/code-text";
import { ErrorText } from "@/kit/error-text";
import { Field } from "@/kit/field";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { toWireError } from "@/lib/errors";
import { words } from "@/lib/words";
import styles from "./form.module.css";
import { useProfiles } from "./queries";
import { Rows } from "./rows";

const text = words.settings;

type ProfileChoiceProps = {
  value: string;
  error: string | null;
  onChange: (profile: string) => void;
  /** Of which form this is a part. */
  form?: "bedrock" | "sync";
};

/** The profiles of the AWS files, each with what it is; any name can be typed as well, for files that are written later. */
export function ProfileChoice({ value, error, onChange, form = "bedrock" }: ProfileChoiceProps) {
  const profiles = useProfiles();
  const [types, setTypes] = useState(false);
  const found = profiles.data ?? [];
  const typed = types || (value !== "" && !found.some(({ name }) => name === value));
  if (profiles.isPending) return <Skeleton lines={3} />;
  return (
    <div className={styles.group}>
      {profiles.isError && (
        <Notice tone="warn" title={text.profilesFailed}>
          <ErrorText error={toWireError(profiles.error)} />
        </Notice>
      )}
      {!profiles.isError && found.length === 0 && (
        <Notice title={text.profilesNone} testId="profiles-none">
          <CodeText text={text.profilesNoneText} />
        </Notice>
      )}
      {found.length > 0 && (
        <Rows
          label={text.profiles}
          testId={`${form}-profiles`}
          // A name of AWS has no space before it, so this one is nobody's.
          value={typed ? " other" : value || null}
          rows={[
            ...found.map(({ name, kind, region }) => ({
              value: name,
              title: name,
              side: [text.profileKinds[kind], region].filter(Boolean).join(" · "),
            })),
            { value: " other", title: text.profileOther, side: text.profileOtherText },
          ]}
          onChange={(next) => {
            setTypes(next === " other");
            onChange(next === " other" ? "" : next);
          }}
        />
      )}
      {(typed || found.length === 0) && (
        <Field
          label={text.profileName}
          placeholder={text.profilePlaceholder}
          error={error}
          code
          value={value}
          onChange={(event) => onChange(event.target.value)}
          data-testid={`${form}-profile`}
        />
      )}
      {error && !typed && found.length > 0 && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
