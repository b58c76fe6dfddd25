import { ChevronDown, EyeOff, Ghost, PanelRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Audience, SessionId, Settings } from "@/bindings";
import { IconButton } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { InlineEdit } from "@/kit/inline-edit";
import { Bar } from "@/kit/screen";
import { useTitleArrived } from "@/lib/filing";
import { entryOf, modelLabel } from "@/lib/model";
import { useCatalogue, useSessions } from "@/lib/query";
import { useKeysShown, useShortcut } from "@/lib/shortcut";
import { words } from "@/lib/words";
import type { ModelChoice } from "./choice";
import styles from "./header.module.css";
import { ModelPicker } from "./model-picker";
import { TemporaryBanner } from "./temporary";

type HeaderProps = {
  lead: ReactNode;
  session: SessionId | null;
  temporary: boolean;
  choice: ModelChoice;
  settings: Settings;
  audience: Audience;
  whyOpen: boolean;
  onRename: (title: string) => void;
  onOpenSettings: () => void;
  onWhy: () => void;
};

export function Header(props: HeaderProps) {
  const { lead, session, temporary, choice, settings, audience, whyOpen, onRename, onOpenSettings, onWhy } = props;
  const known = useSessions(audience).data?.find((one) => one.id === session);
  const arrived = useTitleArrived(session, known?.title_by);
  useShortcut("why", onWhy);
  return (
    <>
      <Bar lead={lead}>
        <h1 className={classNames(styles.title, temporary && styles.temporaryTitle, arrived && styles.arrived)} data-testid="session-title">
          {temporary && <Ghost size={17} strokeWidth={1.8} aria-hidden />}
          {temporary ? (
            words.temporary.title
          ) : known ? (
            <InlineEdit key={known.id} value={known.title} label={words.chat.rename} onSave={onRename} />
          ) : (
            words.chat.newTitle
          )}
        </h1>
        <ModelChip choice={choice} settings={settings} onOpenSettings={onOpenSettings} />
        <IconButton
          label={words.why.title}
          hint={words.shortcuts.hint(words.why.title, useKeysShown("why"))}
          icon={PanelRight}
          aria-pressed={whyOpen}
          onClick={onWhy}
          data-testid="why-toggle"
        />
      </Bar>
      {temporary && <TemporaryBanner audience={audience} />}
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

  const hint = words.shortcuts.hint(words.chat.chooseModel, useKeysShown("choose_model"));
  useShortcut("choose_model", () => setOpen(!open), { over: open ? "panels" : "nothing" });

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
          title={[model?.id, hint].filter(Boolean).join("\n")}
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
