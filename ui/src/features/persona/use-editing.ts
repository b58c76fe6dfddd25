import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { commands, type PersonaText, type Problem, type WireError } from "@/bindings";
import { toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";

export type OnDisk = { path: string; text: string; fingerprint: string | null };

export type Editing = {
  text: string;
  setText: (text: string) => void;
  dirty: boolean;
  saving: boolean;
  /** null while it is being checked. */
  problems: Problem[] | null;
  error: WireError | null;
  /** Somebody else saved the file in the meantime. */
  conflict: boolean;
  save: () => Promise<boolean>;
  revert: () => void;
  reload: () => Promise<void>;
  overwrite: () => Promise<boolean>;
};

const checkAfter = 250;

/** The text of one file while it is edited: what is on disk, what is in the field, and everything that may come between them. */
export function useEditing(onDisk: OnDisk, startText: string, onSaved?: () => void): Editing {
  const client = useQueryClient();
  const { path } = onDisk;
  const [base, setBase] = useState<OnDisk>(onDisk);
  const [text, setText] = useState(startText);
  const [saving, setSaving] = useState(false);
  const [problems, setProblems] = useState<Problem[] | null>([]);
  const [error, setError] = useState<WireError | null>(null);
  const [refusedAsChanged, setRefusedAsChanged] = useState(false);
  const dirty = text !== base.text;

  // The file was saved elsewhere: taken over quietly as long as nothing typed here would be lost.
  const moved = onDisk.fingerprint !== base.fingerprint;
  if (moved && (!dirty || onDisk.text === text)) {
    setBase(onDisk);
    setText(onDisk.text);
    setRefusedAsChanged(false);
  }

  useEffect(() => {
    if (!dirty) {
      setProblems([]);
      return;
    }
    setProblems(null);
    let outdated = false;
    const timer = setTimeout(() => {
      commands
        .personaCheck(path, text)
        .then((found) => !outdated && setProblems(found))
        // The check is a help, not a gate: saving says whatever there is to say.
        .catch(() => !outdated && setProblems([]));
    }, checkAfter);
    return () => {
      outdated = true;
      clearTimeout(timer);
    };
  }, [path, text, dirty]);

  const adopt = (found: PersonaText) => {
    setBase(found);
    setError(null);
    setRefusedAsChanged(false);
    client.setQueryData(keys.personaText(path), found);
    // Read again: it may have changed while this was on its way.
    void client.invalidateQueries({ queryKey: ["persona"] });
  };

  const saveOver = async (fingerprint: string | null): Promise<boolean> => {
    setSaving(true);
    setError(null);
    try {
      adopt(await commands.personaSave(path, text, fingerprint));
      onSaved?.();
      return true;
    } catch (thrown) {
      const refused = toWireError(thrown);
      if (refused.code === "persona_changed") setRefusedAsChanged(true);
      else setError(refused);
      return false;
    } finally {
      setSaving(false);
    }
  };

  const current = async (): Promise<PersonaText | null> => {
    try {
      return await commands.personaRead(path);
    } catch (thrown) {
      const refused = toWireError(thrown);
      if (refused.code !== "not_found") setError(refused);
      return null;
    }
  };

  return {
    text,
    setText,
    dirty,
    saving,
    problems,
    error,
    conflict: dirty && (moved || refusedAsChanged),
    save: () => saveOver(base.fingerprint),
    revert: () => {
      setText(base.text);
      setError(null);
    },
    reload: async () => {
      const found = await current();
      if (!found) return;
      adopt(found);
      setText(found.text);
    },
    overwrite: async () => saveOver((await current())?.fingerprint ?? null),
  };
}
