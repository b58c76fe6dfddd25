import type { S3Keys, SyncFound, SyncPlace, SyncSetup } from "@/bindings";
import { keyedStore } from "@/lib/store";
import { type AccessKeys, keysOf, noAccessKeys } from "./access-keys";

export type Way = "setup" | "join";
export type Step = "where" | "access" | "secret" | "code" | "open" | "done";
export type PlaceKind = "aws" | "other" | "folder";

export const stepsOf: Record<Way, Step[]> = {
  setup: ["where", "access", "secret", "code", "done"],
  join: ["where", "access", "open", "done"],
};

/** What was said so far. It stays while one goes back, or looks at another screen: the recovery code is shown only once. */
export type Draft = AccessKeys & {
  way: Way;
  step: Step;
  kind: PlaceKind;
  bucket: string;
  prefix: string;
  region: string;
  endpoint: string;
  /** Null: as is usual for that kind. */
  pathStyle: boolean | null;
  path: string;
  credentials: "chain" | "profile" | "keys";
  profile: string;
  /** What was found, and for what. */
  tested: { of: string; found: SyncFound } | null;
  device: string;
  passphrase: string;
  again: string;
  vault: string | null;
  by: "passphrase" | "code";
  code: string;
  /** The recovery code of the new vault. */
  made: string;
};

const fresh: Omit<Draft, "way" | "device"> = {
  step: "where",
  kind: "aws",
  bucket: "",
  prefix: "",
  region: "",
  endpoint: "",
  pathStyle: null,
  path: "",
  credentials: "chain",
  profile: "",
  ...noAccessKeys,
  tested: null,
  passphrase: "",
  again: "",
  vault: null,
  by: "passphrase",
  code: "",
  made: "",
};

const store = keyedStore<"now", Draft>();

export const useDraft = (): Draft | null => store.use("now");
export const beginDraft = (way: Way, device: string): void => store.set("now", { ...fresh, way, device });
export const endDraft = (): void => store.remove("now");

/** Nothing, if it was given up meanwhile. */
export function changeDraft(change: Partial<Draft>): void {
  const draft = store.get("now");
  if (draft) store.set("now", { ...draft, ...change });
}

export const pathStyleOf = ({ kind, pathStyle }: Draft): boolean => pathStyle ?? kind === "other";

export function placeOf(draft: Draft): SyncPlace {
  if (draft.kind === "folder") return { type: "folder", path: draft.path.trim() };
  const { credentials, profile } = draft;
  return {
    type: "s3",
    bucket: draft.bucket.trim(),
    prefix: draft.prefix.trim(),
    region: draft.region.trim(),
    endpoint_url: draft.kind === "other" ? draft.endpoint.trim() : "",
    path_style: pathStyleOf(draft),
    credentials: credentials === "profile" ? { type: "profile", name: profile.trim() } : { type: credentials },
  };
}

function givenKeys(draft: Draft): S3Keys | null {
  if (draft.kind === "folder" || draft.credentials !== "keys" || !draft.accessKey.trim()) return null;
  return keysOf(draft);
}

export const setupOf = (draft: Draft): SyncSetup => ({ place: placeOf(draft), keys: givenKeys(draft), device_name: draft.device.trim() });

/** What a test was made for: another place or other keys have to be tested anew, another name has not. */
export const triedOf = (draft: Draft): string => JSON.stringify([placeOf(draft), givenKeys(draft)]);

/** What the test found, if it still holds. */
export const foundOf = (draft: Draft): SyncFound | null => (draft.tested?.of === triedOf(draft) ? draft.tested.found : null);
