import { FolderOpen } from "lucide-react";
import { type ReactNode, useState } from "react";
import { commands, type PersonaView } from "@/bindings";
import { Button } from "@/kit/button";
import { Bar } from "@/kit/screen";
import { errorText, toWireError } from "@/lib/errors";
import { leave } from "@/lib/leave";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { FileList } from "./file-list";
import { FileView } from "./file-view";
import { FolderDialog } from "./folder-dialog";
import styles from "./persona-screen.module.css";

type PersonaScreenProps = {
  lead: ReactNode;
  persona: PersonaView;
  file: { path: string; line: number | null; nonce: number } | null;
};

/** What is open beside the list. `create` when the file is not there yet. */
export type Selection = { path: string; line: number | null; create: boolean; nonce: number };

export default function PersonaScreen({ lead, persona, file }: PersonaScreenProps) {
  const [chosen, setChosen] = useState<Selection | null>(null);
  const [seen, setSeen] = useState<number | null>(null);
  const [choosingFolder, setChoosingFolder] = useState(false);

  if (file && file.nonce !== seen) {
    setSeen(file.nonce);
    setChosen({ path: file.path, line: file.line, create: false, nonce: file.nonce });
  }

  // Nothing chosen: what needs care comes first, then what says most.
  const first = persona.files.find((one) => one.problem) ?? persona.files[0];
  const selection = chosen ?? (first ? { path: first.path, line: null, create: false, nonce: 0 } : null);
  const choose = (path: string, create: boolean) => {
    if (selection?.path === path && chosen) return;
    leave(() => setChosen({ path, line: null, create, nonce: 0 }));
  };

  const openFolder = () => {
    commands.personaOpenFolder().catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
  };

  return (
    <main className={styles.screen} data-testid="persona-screen">
      <Bar lead={lead}>
        <h1 className={styles.title}>{words.persona.title}</h1>
        <span className={`${styles.folder} selectable`} title={persona.folder} data-testid="persona-folder">
          {/* Marked left-to-right, because the box cuts it at its start: the end of a path says most. */}
          <bdi dir="ltr">{persona.folder}</bdi>
        </span>
        <Button small icon={FolderOpen} onClick={openFolder} data-testid="persona-open-folder">
          {words.persona.open}
        </Button>
        <Button small onClick={() => leave(() => setChoosingFolder(true))} data-testid="persona-change-folder">
          {words.persona.change}
        </Button>
      </Bar>
      <div className={styles.panes} data-chosen={chosen ? "" : undefined}>
        <div className={styles.list}>
          <FileList persona={persona} selected={selection?.path ?? null} onChoose={choose} />
        </div>
        <section className={styles.detail} aria-label={selection?.path ?? words.persona.files}>
          {selection ? (
            <FileView
              key={`${selection.path} ${selection.nonce} ${selection.create}`}
              selection={selection}
              persona={persona}
              onCreated={() => setChosen({ ...selection, create: false })}
              onBack={() => leave(() => setChosen(null))}
            />
          ) : (
            <div className={styles.nothing}>
              <p>{words.persona.pick}</p>
              <p>{words.persona.pickText}</p>
            </div>
          )}
        </section>
      </div>
      {choosingFolder && (
        <FolderDialog folder={persona.folder} onClose={() => setChoosingFolder(false)} onChanged={() => setChosen(null)} />
      )}
    </main>
  );
}
