import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { commands } from "@/bindings";
import { copyText } from "@/host/clipboard";
import { Button } from "@/kit/button";
import { Field } from "@/kit/field";
import { PathField } from "@/kit/path-field";
import { errorText, toWireError } from "@/lib/errors";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { Check } from "./check";
import form from "./form.module.css";
import { Rows } from "./rows";
import { changeDraft, type Draft, pathStyleOf, placeOf } from "./sync-draft";
import { SyncStep } from "./sync-step";

const text = words.sync.setup;
const warn = (thrown: unknown) => showToast(errorText(toWireError(thrown)), { tone: "warn" });

export function SyncWhere({ draft }: { draft: Draft }) {
  const [tried, setTried] = useState(false);
  const { kind } = draft;
  const missing = {
    bucket: kind !== "folder" && !draft.bucket.trim() ? text.needBucket : null,
    endpoint: kind === "other" && !draft.endpoint.trim() ? text.needEndpoint : null,
    path: kind === "folder" && !draft.path.trim() ? text.needFolder : null,
  };
  const next = () => {
    setTried(true);
    if (!Object.values(missing).some(Boolean)) changeDraft({ step: "access" });
  };
  const choose = () =>
    void commands
      .syncChooseFolder()
      .then((path) => path !== null && changeDraft({ path }))
      .catch(warn);
  const region = (
    <Field
      label={text.region}
      optional
      code
      hint={kind === "aws" ? text.regionHint : text.regionHintOther}
      placeholder={kind === "aws" ? words.settings.regionPlaceholder : undefined}
      value={draft.region}
      onChange={(event) => changeDraft({ region: event.target.value })}
      data-testid="sync-region"
    />
  );
  return (
    <SyncStep title={draft.way === "setup" ? text.place : text.placeJoin} onNext={next}>
      <Rows
        label={text.place}
        testId="sync-kind"
        value={kind}
        rows={(["aws", "other", "folder"] as const).map((value) => ({ value, title: text.places[value], text: text.placeTexts[value] }))}
        onChange={(value) => {
          setTried(false);
          changeDraft({ kind: value });
        }}
      />
      {kind === "folder" ? (
        <PathField
          label={text.folder}
          choose={text.folderChoose}
          hint={draft.way === "setup" ? text.folderHint : undefined}
          value={draft.path}
          error={tried ? missing.path : null}
          onChange={(path) => changeDraft({ path })}
          onChoose={choose}
          testId="sync-folder"
        />
      ) : (
        <div className={form.fields}>
          {kind === "other" && (
            <Field
              label={text.endpoint}
              code
              inputMode="url"
              placeholder="https://"
              hint={text.endpointHint}
              error={tried ? missing.endpoint : null}
              value={draft.endpoint}
              onChange={(event) => changeDraft({ endpoint: event.target.value })}
              data-testid="sync-endpoint"
            />
          )}
          <Field
            label={text.bucket}
            code
            hint={draft.way === "setup" ? text.bucketHint : undefined}
            error={tried ? missing.bucket : null}
            value={draft.bucket}
            onChange={(event) => changeDraft({ bucket: event.target.value })}
            data-testid="sync-bucket"
          />
          {kind === "aws" && region}
          <More draft={draft}>{kind === "other" && region}</More>
          {kind === "aws" && <Policy draft={draft} />}
        </div>
      )}
    </SyncStep>
  );
}

/** Open from the start if something in it is set: nothing that has an effect hides. */
function More({ draft, children }: { draft: Draft; children: React.ReactNode }) {
  const [open, setOpen] = useState(() => draft.prefix !== "" || draft.pathStyle !== null);
  return (
    <details className={form.advanced} open={open} onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="sync-more">
      <summary>
        <ChevronRight size={14} strokeWidth={2} aria-hidden />
        {text.more}
      </summary>
      <div className={form.inside}>
        <Field
          label={text.prefix}
          optional
          code
          hint={text.prefixHint}
          value={draft.prefix}
          onChange={(event) => changeDraft({ prefix: event.target.value })}
          data-testid="sync-prefix"
        />
        {children}
        <Check
          label={text.pathStyle}
          hint={text.pathStyleHint}
          checked={pathStyleOf(draft)}
          onChange={(pathStyle) => changeDraft({ pathStyle })}
          testId="sync-path-style"
        />
      </div>
    </details>
  );
}

function Policy({ draft }: { draft: Draft }) {
  const copy = async () => {
    try {
      const copied = await copyText(await commands.syncPolicy(placeOf(draft)));
      showToast(copied ? text.policyCopied : words.chat.copyFailed, { tone: copied ? "good" : "warn" });
    } catch (thrown) {
      warn(thrown);
    }
  };
  return (
    <div className={form.beside}>
      <p className={form.hint}>{text.policyText}</p>
      <Button look="quiet" small disabled={!draft.bucket.trim()} onClick={() => void copy()} data-testid="sync-policy">
        {text.policy}
      </Button>
    </div>
  );
}
