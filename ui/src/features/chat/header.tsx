import { EyeOff, PanelRight } from "lucide-react";
import type { ReactNode } from "react";
import type { Audience, ModelRef } from "@/bindings";
import { IconButton } from "@/kit/button";
import { InlineEdit } from "@/kit/inline-edit";
import { Bar } from "@/kit/screen";
import { modelLabel } from "@/lib/model";
import { words } from "@/lib/words";
import styles from "./header.module.css";

type HeaderProps = {
  lead: ReactNode;
  title: string | null;
  model: ModelRef | null;
  audience: Audience;
  whyOpen: boolean;
  onRename: (title: string) => void;
  onOpenModels: () => void;
  onWhy: () => void;
};

export function Header({ lead, title, model, audience, whyOpen, onRename, onOpenModels, onWhy }: HeaderProps) {
  const label = model ? modelLabel(model) : words.app.noModel;
  return (
    <>
      <Bar lead={lead}>
        <h1 className={styles.title} data-testid="session-title">
          {title === null ? words.chat.newTitle : <InlineEdit value={title} label={words.chat.rename} onSave={onRename} />}
        </h1>
        <button
          type="button"
          className={styles.chip}
          title={model?.id}
          aria-label={words.chat.modelChip(label)}
          onClick={onOpenModels}
          data-testid="model-chip"
        >
          {label}
        </button>
        <IconButton label={words.why.title} icon={PanelRight} aria-pressed={whyOpen} onClick={onWhy} data-testid="why-toggle" />
      </Bar>
      {audience === "visitor" && (
        <p className={styles.visitor} data-testid="visitor-banner">
          <EyeOff size={14} strokeWidth={1.9} aria-hidden />
          <span>
            <b>{words.audience.visitorBanner}</b> {words.audience.visitorBannerText}
          </span>
        </p>
      )}
    </>
  );
}
