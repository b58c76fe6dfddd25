import { useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { commands, type Reach } from "@/bindings";
import { Button } from "@/kit/button";
import { Combobox } from "@/kit/combobox";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { errorLook, errorText, toWireError } from "@/lib/errors";
import { entryOf } from "@/lib/model";
import { keys, useCatalogue } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./form.module.css";
import { goesTo, isTooWide, routeWithin } from "./reference";

const text = words.settings;

type BedrockModelProps = {
  value: string;
  reach: Reach;
  error: string | null;
  /** The list is of what is saved. */
  unsaved: boolean;
  onSave: () => Promise<boolean>;
  onChange: (id: string) => void;
};

/** The model by name from the live list, or by any id or ARN. */
export function BedrockModel({ value, reach, error, unsaved, onSave, onChange }: BedrockModelProps) {
  const client = useQueryClient();
  const catalogue = useCatalogue(true);
  const [asking, setAsking] = useState(false);
  const entries = (catalogue.data?.entries ?? []).filter(({ model }) => model.provider === "bedrock");
  const problem = catalogue.data?.problems.find(({ provider }) => provider === "bedrock")?.failure;
  const failure = catalogue.isError ? toWireError(catalogue.error) : problem;
  const chosen = value ? entryOf(catalogue.data, { provider: "bedrock", id: value.trim() }) : undefined;
  const route = chosen?.routes.find(({ id }) => id === value.trim());

  const list = async () => {
    setAsking(true);
    try {
      if (unsaved && !(await onSave())) return;
      // What it gives may be older by now than what was read since; the program keeps it.
      await commands.modelCatalogue(true);
      await client.invalidateQueries({ queryKey: keys.models });
    } catch (thrown) {
      showToast(errorText(toWireError(thrown)), { tone: "warn" });
    } finally {
      setAsking(false);
    }
  };

  const forget = () => {
    onChange("");
    commands
      .modelForgetTyped({ provider: "bedrock", id: value })
      .then(() => {
        void client.invalidateQueries({ queryKey: keys.settings });
        void client.invalidateQueries({ queryKey: keys.models });
        showToast(text.forgotTyped(value));
      })
      .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
  };

  return (
    <div className={styles.group}>
      <Combobox
        label={text.model}
        placeholder={text.bedrockModelPlaceholder}
        code
        error={error}
        value={value}
        loading={catalogue.isFetching || asking}
        choices={entries.map((entry) => {
          const way = routeWithin(entry, reach);
          return {
            value: way?.id ?? entry.model.id,
            title: entry.name,
            detail: [entry.vendor, way && goesTo(way)].filter(Boolean).join(" · "),
            badge: entry.legacy ? { text: words.combobox.legacy, warn: true } : entry.typed ? { text: words.combobox.typed } : undefined,
          };
        })}
        onPick={onChange}
        onType={onChange}
        testId="bedrock-model"
      />
      <div className={styles.beside}>
        <p className={styles.hint} data-testid="bedrock-model-about">
          {chosen && !chosen.typed
            ? [chosen.name, chosen.vendor, route && goesTo(route)].filter(Boolean).join(" · ")
            : text.bedrockModelHint}
        </p>
        {chosen?.typed && (
          <Button small look="quiet" onClick={forget} data-testid="forget-typed">
            {text.forgetTyped}
          </Button>
        )}
        <Button small look="quiet" icon={RefreshCw} busy={asking} onClick={() => void list()} data-testid="bedrock-list">
          {asking ? text.listing : unsaved ? text.saveAndList : text.list}
        </Button>
      </div>
      {route && isTooWide(route, reach) && (
        <Notice tone="warn" testId="too-wide">
          {text.tooWide(goesTo(route))}
        </Notice>
      )}
      {failure && !asking && (
        <Notice tone="warn" icon={errorLook(failure.code).icon} title={text.listFailed} testId="list-problem">
          <ErrorText error={failure} />
        </Notice>
      )}
    </div>
  );
}
