import { useQuery } from "@tanstack/react-query";
import { ChevronLeft } from "lucide-react";
import { useState } from "react";
import { commands, type PersonaFile, type PersonaText, type PersonaView, type Problem } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { ErrorText, HintText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { cause, personaTold, sentence, toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";
import { words } from "@/lib/words";
import { Editor } from "./editor";
import { FactsTable } from "./facts-table";
import styles from "./file-view.module.css";
import type { Selection } from "./persona-screen";

type FileViewProps = { selection: Selection; persona: PersonaView; onCreated: () => void; onBack: () => void };

export function FileView({ selection, persona, onCreated, onBack }: FileViewProps) {
  const { path, create } = selection;
  const file = persona.files.find((one) => one.path === path) ?? null;
  const [asText, setAsText] = useState(selection.line !== null);
  const isTable = file?.kind === "facts" && file.facts.length > 0 && !asText && !create;
  return (
    <>
      <header className={styles.header}>
        <span className={styles.back}>
          <IconButton label={words.persona.back} icon={ChevronLeft} onClick={onBack} />
        </span>
        <h2>{path}</h2>
        <span className={styles.meta}>{create ? words.persona.newFile : file && describe(file)}</span>
        {file?.kind === "facts" && file.editable && file.facts.length > 0 && (
          <Button small look="quiet" onClick={() => setAsText(!asText)} data-testid="facts-toggle">
            {asText ? words.persona.factsAsTable : words.persona.factsAsText}
          </Button>
        )}
      </header>
      {create ? (
        <NewFile path={path} onCreated={onCreated} />
      ) : !file ? (
        <div className={styles.state}>
          <Notice>{words.persona.gone}</Notice>
        </div>
      ) : isTable ? (
        <div className={styles.scroll} {...scrolling(path)}>
          {file.problem && <ProblemNotice problem={file.problem} lastGood={file.last_good_in_use} onGo={() => setAsText(true)} />}
          <FactsTable facts={file.facts} />
        </div>
      ) : file.editable ? (
        <ExistingFile file={file} line={selection.line} />
      ) : (
        <ReadOnly file={file} avatar={persona.avatar} />
      )}
    </>
  );
}

/** What scrolls and has nothing in it that takes the focus must take it itself, or the keyboard does not get there. */
const scrolling = (path: string) => ({ role: "group", "aria-label": path, tabIndex: 0 });

function describe(file: PersonaFile): string {
  const parts = [words.persona.kinds[file.kind]];
  if (file.kind !== "avatar") parts.push(words.persona.words(file.words), words.persona.tokens(file.tokens));
  return parts.join(" · ");
}

type ProblemNoticeProps = { problem: Problem; lastGood: boolean; onGo?: () => void };

export function ProblemNotice({ problem, lastGood, onGo }: ProblemNoticeProps) {
  const told = personaTold(problem);
  const where = [problem.path, words.persona.where(problem.line, problem.column)].filter(Boolean).join(" · ");
  const go = onGo && problem.line !== null && (
    <Button small onClick={onGo}>
      {words.persona.goTo}
    </Button>
  );
  return (
    <Notice tone="warn" title={sentence(cause(told))} testId="persona-problem" actions={go || undefined}>
      <p>{where}</p>
      <HintText error={told} />
      <p>{lastGood ? words.persona.lastGood : words.persona.notUsed}</p>
    </Notice>
  );
}

function ExistingFile({ file, line }: { file: PersonaFile; line: number | null }) {
  const text = useQuery<PersonaText>({ queryKey: keys.personaText(file.path), queryFn: () => commands.personaRead(file.path) });
  if (text.isPending) {
    return (
      <div className={styles.state}>
        <Skeleton lines={6} />
      </div>
    );
  }
  if (text.isError) {
    const again = (
      <Button small onClick={() => void text.refetch()}>
        {words.problem.again}
      </Button>
    );
    return (
      <div className={styles.state}>
        {file.problem && <ProblemNotice problem={file.problem} lastGood={file.last_good_in_use} />}
        <Notice tone="danger" title={words.persona.fileFailed} actions={again}>
          <ErrorText error={toWireError(text.error)} />
        </Notice>
      </div>
    );
  }
  return <Editor onDisk={text.data} startText={text.data.text} problem={file.problem} lastGood={file.last_good_in_use} line={line} />;
}

function NewFile({ path, onCreated }: { path: string; onCreated: () => void }) {
  const template = useQuery({ queryKey: ["template", path], queryFn: () => commands.personaTemplate(path), gcTime: 0 });
  if (template.isPending) {
    return (
      <div className={styles.state}>
        <Skeleton lines={4} />
      </div>
    );
  }
  return (
    <Editor
      onDisk={{ path, text: "", fingerprint: null }}
      startText={template.data ?? ""}
      problem={null}
      lastGood={false}
      line={null}
      onSaved={onCreated}
    />
  );
}

function ReadOnly({ file, avatar }: { file: PersonaFile; avatar: string | null }) {
  return (
    <div className={styles.scroll} {...scrolling(file.path)}>
      {file.problem && <ProblemNotice problem={file.problem} lastGood={file.last_good_in_use} />}
      {file.kind === "avatar" ? (
        avatar && <img className={styles.picture} src={avatar} alt={words.persona.picture} />
      ) : (
        <>
          <Notice title={words.persona.readOnly}>{words.persona.readOnlyText}</Notice>
          {file.excerpt && (
            <>
              <h3 className={styles.label}>{words.persona.excerpt}</h3>
              <p className={`${styles.excerpt} selectable`} dir="auto">
                {file.excerpt}
              </p>
            </>
          )}
        </>
      )}
    </div>
  );
}
