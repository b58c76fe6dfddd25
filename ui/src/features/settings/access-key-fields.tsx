import { Field } from "@/kit/field";
import { words } from "@/lib/words";
import { type AccessKeys, lacksKeys } from "./access-keys";
import form from "./form.module.css";
import { KeychainNotice } from "./saved-key";

/** An access key of a bucket, as AWS gives it. */
export function AccessKeyFields({
  keys,
  tried,
  onChange,
}: {
  keys: AccessKeys;
  tried: boolean;
  onChange: (next: Partial<AccessKeys>) => void;
}) {
  const field = (name: keyof AccessKeys) => ({
    code: true,
    value: keys[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => onChange({ [name]: event.target.value }),
  });
  return (
    <div className={form.fields}>
      <KeychainNotice />
      <p className={form.hint}>{words.sync.setup.keysHint}</p>
      <Field
        label={words.settings.accessKey}
        error={tried && lacksKeys(keys) ? words.settings.needKeys : null}
        {...field("accessKey")}
        data-testid="sync-access-key"
      />
      <Field label={words.settings.secretKey} type="password" {...field("secretKey")} data-testid="sync-secret-key" />
      <Field label={words.settings.sessionToken} type="password" optional {...field("sessionToken")} data-testid="sync-session-token" />
    </div>
  );
}
