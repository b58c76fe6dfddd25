import { CircleCheck, TriangleAlert } from "lucide-react";
import { useCallback, useEffect, useRef } from "react";
import type { Problem } from "@/bindings";
import { Button, Spinner } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { cause, errorLook, hintText, inARow, personaTold, sentence } from "@/lib/errors";
import { useKeysShown, useShortcut } from "@/lib/shortcut";
import { words } from "@/lib/words";
import styles from "./editor.module.css";
import { ProblemNotice } from "./file-view";
import { LeaveDialog } from "./leave-dialog";
import { TextField, type TextFieldHandle } from "./text-field";
import { type OnDisk, useEditing } from "./use-editing";

type EditorProps = {
  onDisk: OnDisk;
  startText: string;
  /** What is wrong with the file as it is on disk. */
  problem: Problem | null;
  lastGood: boolean;
  line: number | null;
  onSaved?: () => void;
};

export function Editor({ onDisk, startText, problem, lastGood, line, onSaved }: EditorProps) {
  const editing = useEditing(onDisk, startText, onSaved);
  const { text, dirty, saving, problems, error, conflict } = editing;
  const field = useRef<TextFieldHandle>(null);
  const code = onDisk.path.toLowerCase().endsWith(".json");

  useEffect(() => {
    if (line !== null) field.current?.goTo(line, null);
  }, [line]);

  const go = useCallback((to: Problem) => field.current?.goTo(to.line ?? 1, to.column), []);
  useShortcut("save_file", () => dirty && !saving && void editing.save(), { offered: dirty && !saving });
  const shown = dirty ? (problems?.[0] ?? null) : problem;

  return (
    <div className={styles.editor} data-testid="editor">
      {conflict && (
        <Notice
          tone="warn"
          role="alert"
          title={words.persona.conflictTitle}
          testId="persona-conflict"
          actions={
            <>
              <Button small onClick={() => void editing.reload()}>
                {words.persona.reload}
              </Button>
              <Button small onClick={() => void editing.overwrite()}>
                {words.persona.overwrite}
              </Button>
            </>
          }
        >
          {words.persona.conflictText}
        </Notice>
      )}
      {!dirty && problem && <ProblemNotice problem={problem} lastGood={lastGood} onGo={() => go(problem)} />}
      {error && (
        <Notice tone="danger" role="alert" icon={errorLook(error.code).icon} title={words.persona.cannotSave} testId="persona-save-error">
          <ErrorText error={error} />
        </Notice>
      )}
      <TextField
        ref={field}
        text={text}
        code={code}
        label={words.persona.editor(onDisk.path)}
        problemLine={shown?.line ?? null}
        onText={editing.setText}
      />
      <footer className={styles.footer}>
        <div className={styles.check} aria-live="polite" data-testid="persona-check">
          {dirty && problems === null && (
            <span className={styles.quiet}>
              <Spinner size={13} />
              {words.persona.checking}
            </span>
          )}
          {dirty && problems?.length === 0 && (
            <span className={styles.quiet}>
              <CircleCheck size={14} strokeWidth={1.9} aria-hidden />
              {words.persona.fine} · {words.persona.unsaved}
            </span>
          )}
          {dirty &&
            problems?.slice(0, 3).map((found) => (
              <button
                type="button"
                key={`${found.line} ${found.column} ${found.message}`}
                className={styles.problem}
                onClick={() => go(found)}
                title={hintText(personaTold(found))}
              >
                <TriangleAlert size={14} strokeWidth={1.9} aria-hidden />
                <span>
                  {inARow(
                    sentence(words.persona.where(found.line, found.column)),
                    sentence(cause(personaTold(found))),
                    hintText(personaTold(found)),
                  )}
                </span>
              </button>
            ))}
        </div>
        <Button small disabled={!dirty || saving} onClick={editing.revert} data-testid="persona-revert">
          {words.persona.revert}
        </Button>
        <Button
          small
          look="primary"
          disabled={!dirty}
          busy={saving}
          title={words.shortcuts.hint(words.persona.save, useKeysShown("save_file"))}
          onClick={() => void editing.save()}
          data-testid="persona-save"
        >
          {words.persona.save}
        </Button>
      </footer>
      <LeaveDialog path={onDisk.path} dirty={dirty} onSave={editing.save} />
    </div>
  );
}
