import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { commands, type WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { PathField } from "@/kit/path-field";
import { toWireError } from "@/lib/errors";
import { keys, useSettings } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./folder-dialog.module.css";

export function FolderDialog({ folder, onClose, onChanged }: { folder: string; onClose: () => void; onChanged: () => void }) {
  const client = useQueryClient();
  const settings = useSettings();
  const [path, setPath] = useState(folder);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);

  const use = async (next: string | null) => {
    setBusy(true);
    setError(null);
    try {
      await commands.personaSetFolder(next);
      await client.invalidateQueries({ queryKey: ["persona"] });
      void client.invalidateQueries({ queryKey: keys.settings });
      showToast(words.persona.folderChanged);
      onChanged();
      onClose();
    } catch (thrown) {
      setError(toWireError(thrown));
    } finally {
      setBusy(false);
    }
  };

  const browse = () => {
    commands
      .personaChooseFolder()
      .then((chosen) => chosen && setPath(chosen))
      .catch((thrown) => setError(toWireError(thrown)));
  };

  return (
    <Dialog open onClose={onClose} title={words.persona.folderTitle} text={words.persona.folderText} testId="folder-dialog">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim()) void use(path.trim());
        }}
      >
        <PathField
          label={words.persona.folderField}
          choose={words.persona.folderChoose}
          value={path}
          onChange={setPath}
          onChoose={browse}
          testId="folder-path"
        />
        {error && (
          <Notice tone="danger" role="alert">
            <ErrorText error={error} />
          </Notice>
        )}
        <div className={styles.actions}>
          {settings.data?.persona_folder != null && (
            <Button look="quiet" disabled={busy} className={styles.standard} onClick={() => void use(null)}>
              {words.persona.folderStandard}
            </Button>
          )}
          <Button onClick={onClose}>{words.form.cancel}</Button>
          <Button look="primary" type="submit" busy={busy} disabled={!path.trim() || path.trim() === folder}>
            {words.persona.folderUse}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
