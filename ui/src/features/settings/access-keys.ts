import type { S3Keys } from "@/bindings";

/** As they are typed. */
export type AccessKeys = { accessKey: string; secretKey: string; sessionToken: string };

export const noAccessKeys: AccessKeys = { accessKey: "", secretKey: "", sessionToken: "" };

export const lacksKeys = ({ accessKey, secretKey }: AccessKeys) => !(accessKey.trim() && secretKey.trim());

export const keysOf = ({ accessKey, secretKey, sessionToken }: AccessKeys): S3Keys => ({
  access_key_id: accessKey.trim(),
  secret_access_key: secretKey.trim(),
  session_token: sessionToken.trim() || null,
});
