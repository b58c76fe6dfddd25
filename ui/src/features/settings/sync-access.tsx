import { useState } from "react";
import { commands, type SyncFound, type WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Segments } from "@/kit/segments";
import { errorLook, toWireError } from "@/lib/errors";
import { words } from "@/lib/words";
import { AccessKeyFields } from "./access-key-fields";
import { lacksKeys } from "./access-keys";
import form from "./form.module.css";
import { ProfileChoice } from "./profile-choice";
import styles from "./sync.module.css";
import { changeDraft, type Draft, foundOf, setupOf, triedOf } from "./sync-draft";
import { Said, SyncStep } from "./sync-step";

const text = words.sync.setup;

/** Who asks, and whether it works: what would go wrong later goes wrong here. */
export function SyncAccess({ draft }: { draft: Draft }) {
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<{ of: string; error: WireError } | null>(null);
  const { credentials } = draft;
  const keyed = draft.kind !== "folder" && credentials === "keys";
  const noKeys = keyed && lacksKeys(draft);
  const noProfile = draft.kind !== "folder" && credentials === "profile" && !draft.profile.trim();
  const found = foundOf(draft);
  const failed = error?.of === triedOf(draft) ? error.error : null;

  const test = async (): Promise<SyncFound | null> => {
    setTried(true);
    if (noKeys || noProfile) return null;
    const of = triedOf(draft);
    setBusy(true);
    setError(null);
    changeDraft({ tested: null });
    try {
      const there = await commands.syncTest(setupOf(draft));
      changeDraft({ tested: { of, found: there } });
      return there;
    } catch (thrown) {
      setError({ of, error: toWireError(thrown) });
      return null;
    } finally {
      setBusy(false);
    }
  };
  const goOn = async () => {
    // What the first test found that has to be decided on is looked at before one goes on.
    const there = found ?? (await test());
    if (!there) return;
    if (draft.way === "join") {
      if (there.vaults.length > 0) changeDraft({ step: "open" });
    } else if (found || there.vaults.length === 0) changeDraft({ step: "secret" });
  };

  return (
    <SyncStep
      title={draft.kind === "folder" ? text.steps.access : text.access}
      about={draft.kind === "folder" ? text.folderAccess : undefined}
      busy={busy}
      onBack={() => changeDraft({ step: "where" })}
      onNext={() => void goOn()}
    >
      {draft.kind !== "folder" && (
        <div className={form.group}>
          <Segments
            label={text.access}
            testId="sync-credentials"
            value={credentials}
            options={(["profile", "keys", "chain"] as const).map((value) => ({ value, label: text.ways[value] }))}
            onChange={(next) => {
              setTried(false);
              changeDraft({ credentials: next });
            }}
          />
          {credentials === "chain" && <p className={form.hint}>{words.settings.chainHint}</p>}
          {credentials === "profile" && (
            <ProfileChoice
              form="sync"
              value={draft.profile}
              error={tried && noProfile ? words.settings.needProfile : null}
              onChange={(profile) => changeDraft({ profile })}
            />
          )}
          {credentials === "keys" && <AccessKeyFields keys={draft} tried={tried} onChange={changeDraft} />}
        </div>
      )}
      <div className={styles.card}>
        <div className={form.beside}>
          <p className={form.hint}>{text.testText}</p>
          <Button busy={busy} onClick={() => void test()} data-testid="sync-test">
            {busy ? text.testing : text.test}
          </Button>
        </div>
        {failed && (
          <Said>
            <Notice tone="danger" role="alert" icon={errorLook(failed.code).icon} title={text.bad} testId="sync-test-failed">
              <ErrorText error={failed} here={words.sync.problems} />
            </Notice>
          </Said>
        )}
        {found && (
          <Said>
            <Found found={found} draft={draft} />
          </Said>
        )}
      </div>
    </SyncStep>
  );
}

function Found({ found, draft }: { found: SyncFound; draft: Draft }) {
  const there = found.vaults.length;
  if (draft.way === "setup" && there > 0) {
    return (
      <Notice
        tone="warn"
        role="status"
        title={text.there}
        testId="sync-there"
        actions={
          <Button small onClick={() => changeDraft({ way: "join", step: "open" })} data-testid="sync-switch">
            {text.thereJoin}
          </Button>
        }
      >
        {text.thereText}
      </Notice>
    );
  }
  if (draft.way === "join" && there === 0) {
    return (
      <Notice
        tone="warn"
        role="status"
        title={text.nobody}
        testId="sync-nobody"
        actions={
          <Button small onClick={() => changeDraft({ way: "setup", step: "secret" })} data-testid="sync-switch">
            {text.nobodySetUp}
          </Button>
        }
      >
        {text.nobodyText}
      </Notice>
    );
  }
  return (
    <Notice tone="good" role="status" title={text.good} testId="sync-tested">
      {there === 0 ? text.goodFirst : text.goodThere(there)}
    </Notice>
  );
}
