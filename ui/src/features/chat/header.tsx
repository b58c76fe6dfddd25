import { ChevronDown, EyeOff, PanelRight } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import type { Audience, Settings } from "@/bindings";
import { IconButton } from "@/kit/button";
import { InlineEdit } from "@/kit/inline-edit";
import { Bar } from "@/kit/screen";
import { entryOf, modelLabel } from "@/lib/model";
import { useCatalogue } from "@/lib/query";
import { words } from "@/lib/words";
import type { ModelChoice } from "./choice";
import styles from "./header.module.css";
import { ModelPicker } from "./model-picker";

type HeaderProps = {
  lead: ReactNode;
  title: string | null;
  choice: ModelChoice;
  settings: Settings;
  audience: Audience;
  whyOpen: boolean;
  onRename: (title: string) => void;
  onOpenSettings: () => void;
  onWhy: () => void;
};

export function Header({ lead, title, choice, settings, audience, whyOpen, onRename, onOpenSettings, onWhy }: HeaderProps) {
  return (
    <>
      <Bar lead={lead}>
        <h1 className={styles.title} data-testid="session-title">
          {title === null ? words.chat.newTitle : <InlineEdit value={title} label={words.chat.rename} onSave={onRename} />}
        </h1>
        <ModelChip choice={choice} settings={settings} onOpenSettings={onOpenSettings} />
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

/** Who answers here, and the way to somebody else. */
function ModelChip({ choice, settings, onOpenSettings }: Pick<HeaderProps, "choice" | "settings" | "onOpenSettings">) {
  const [open, setOpen] = useState(false);
  const catalogue = useCatalogue(false).data;
  const { model, own, choose } = choice;
  const label = model ? modelLabel(model, entryOf(catalogue, model)?.name) : words.app.noModel;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || !event.shiftKey || event.altKey || event.key.toLowerCase() !== "m") return;
      if (!open && document.querySelector("[role=dialog]")) return;
      event.preventDefault();
      setOpen(!open);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [open]);

  return (
    <ModelPicker
      open={open}
      onOpenChange={setOpen}
      align="end"
      label={words.picker.label}
      settings={settings}
      current={model}
      onChoose={choose}
      onReset={own ? () => choose(null) : null}
      onOpenSettings={onOpenSettings}
      trigger={
        <button
          type="button"
          className={styles.chip}
          title={words.chat.modelChipHint(model?.id ?? "")}
          aria-label={words.chat.modelChip(label)}
          data-testid="model-chip"
          data-own={own || undefined}
        >
          <span>{label}</span>
          <ChevronDown size={13} strokeWidth={2} aria-hidden />
        </button>
      }
    />
  );
}
