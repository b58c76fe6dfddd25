import type { ReactNode } from "react";
import type { Provider, Settings } from "@/bindings";
import { BedrockForm } from "./bedrock-form";
import { OfflineForm } from "./offline-form";
import { OpenaiForm } from "./openai-form";

export type ModelFormProps = {
  provider: Provider;
  settings: Settings;
  /** What the button says. */
  label: string;
  saved: string | null;
  onSaved: (settings: Settings) => void;
  /** Beside the button. */
  extra?: ReactNode;
};

/** The settings of one kind of model, saved by an explicit button. Used by Settings and, through the shell, by Welcome. */
export function ModelForm({ provider, ...rest }: ModelFormProps) {
  if (provider === "bedrock") return <BedrockForm {...rest} />;
  if (provider === "openai") return <OpenaiForm {...rest} />;
  return <OfflineForm {...rest} />;
}

export default ModelForm;
