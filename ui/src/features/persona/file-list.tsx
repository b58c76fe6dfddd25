import { Lock, Plus, TriangleAlert } from "lucide-react";
import type { PersonaFile, PersonaView } from "@/bindings";
import { Button } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { words } from "@/lib/words";
import styles from "./file-list.module.css";

type FileListProps = { persona: PersonaView; selected: string | null; onChoose: (path: string, create: boolean) => void };

export function FileList({ persona, selected, onChoose }: FileListProps) {
  const groups = grouped(persona.files);
  return (
    <nav className={styles.files} aria-label={words.persona.files} data-testid="persona-files">
      <p className={styles.intro}>{words.persona.intro}</p>
      {persona.files.length === 0 && (
        <div className={styles.empty}>
          <p>{words.persona.emptyFolder}</p>
          <p>{words.persona.emptyFolderText}</p>
        </div>
      )}
      {groups.map(
        ([name, files]) =>
          files.length > 0 && (
            <section key={name}>
              <h2>
                {name}
                {name === words.persona.private && <span>{words.persona.privateNote}</span>}
              </h2>
              <ul>
                {files.map((file) => (
                  <li key={file.path}>
                    <FileRow file={file} on={file.path === selected} onChoose={() => onChoose(file.path, false)} />
                  </li>
                ))}
              </ul>
            </section>
          ),
      )}
      {persona.missing.length > 0 && (
        <section>
          <h2>{words.persona.missing}</h2>
          <ul>
            {persona.missing.map((file) => (
              <li key={file.path} className={styles.missing} data-testid="persona-missing" data-path={file.path}>
                <div>
                  <b>{file.path}</b>
                  <span>{file.purpose}</span>
                </div>
                <Button small icon={Plus} aria-label={words.persona.createLabel(file.path)} onClick={() => onChoose(file.path, true)}>
                  {words.persona.create}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </nav>
  );
}

function FileRow({ file, on, onChoose }: { file: PersonaFile; on: boolean; onChoose: () => void }) {
  const size =
    file.kind === "facts" ? words.persona.facts(file.facts.length) : file.kind === "avatar" ? null : words.persona.words(file.words);
  return (
    <button
      type="button"
      className={classNames(styles.file, on && styles.on)}
      aria-current={on ? "true" : undefined}
      onClick={onChoose}
      data-testid="persona-file"
      data-path={file.path}
      data-problem={file.problem ? "" : undefined}
    >
      <span className={styles.head}>
        <b title={file.path}>{file.path}</b>
        {file.private && (
          <span className={styles.badge}>
            <Lock size={11} strokeWidth={2} aria-hidden />
            {words.persona.privateBadge}
          </span>
        )}
        {file.problem && (
          <span className={classNames(styles.badge, styles.warn)}>
            <TriangleAlert size={12} strokeWidth={2} aria-hidden />
            {words.persona.where(file.problem.line, null) || words.persona.problems(1)}
          </span>
        )}
      </span>
      <span className={styles.size}>{[words.persona.kinds[file.kind], size].filter(Boolean).join(" · ")}</span>
      {file.excerpt && file.kind !== "facts" && (
        <span className={styles.excerpt} dir="auto">
          {file.excerpt}
        </span>
      )}
    </button>
  );
}

function grouped(files: PersonaFile[]): [name: string, files: PersonaFile[]][] {
  const open = files.filter((file) => !file.private);
  return [
    [words.persona.who, open.filter((file) => file.kind !== "style" && file.kind !== "document")],
    [words.persona.style, open.filter((file) => file.kind === "style")],
    [words.persona.documents, open.filter((file) => file.kind === "document")],
    [words.persona.private, files.filter((file) => file.private)],
  ];
}
