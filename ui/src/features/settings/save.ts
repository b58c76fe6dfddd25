import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { type Credentials, commands, type KeyOf, type Settings, type WireError } from "@/bindings";
import { errorText, toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";
import { type SettingsChange, saveSettings, saveShown } from "@/lib/settings";
import { showToast } from "@/lib/toast";

export type Change = {
  credentials: Credentials | null;
  /** How a model is reached. */
  settings: SettingsChange;
  /** Which one is used from now on; none: that stays as it is. */
  choice: SettingsChange | null;
};

/**
 * Read again, and not taken from the program's answer to a change: that may arrive after a reading which is newer than it. A reading that
 * is under way is broken off for this one.
 */
const readAgain = (client: QueryClient): Promise<void> => client.invalidateQueries({ queryKey: keys.settings });

/**
 * A key is kept under the address of the server that it is for, so the address is saved before the key; and the choice last, so that a key
 * that could not be kept does not leave a model in use that cannot answer.
 */
async function save(client: QueryClient, { credentials, settings, choice }: Change): Promise<Settings> {
  if (credentials) {
    await saveSettings(client, settings);
    await commands.credentialsSave(credentials);
  }
  const saved = await saveSettings(client, (current) => (choice ? choice(settings(current)) : settings(current)));
  // Another address may have another key, other models and another identity.
  void client.invalidateQueries({ queryKey: ["credentials"] });
  void client.invalidateQueries({ queryKey: ["models"] });
  await Promise.all([readAgain(client), client.invalidateQueries({ queryKey: keys.credentials })]);
  return saved;
}

export type Saving = {
  busy: boolean;
  error: WireError | null;
  run: (change: Change) => Promise<Settings | null>;
};

export function useSaving(): Saving {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const run = useCallback(
    async (change: Change) => {
      setBusy(true);
      setError(null);
      try {
        return await save(client, change);
      } catch (thrown) {
        setError(toWireError(thrown));
        return null;
      } finally {
        setBusy(false);
      }
    },
    [client],
  );
  return { busy, error, run };
}

/** For what is saved by touching it: shown at once, taken back with a word if it could not be kept. Resolves to whether it was. */
export function useChange(): (change: SettingsChange) => Promise<boolean> {
  const client = useQueryClient();
  return useCallback(
    async (change) => {
      // What is being read now is without it.
      void client.cancelQueries({ queryKey: keys.settings });
      client.setQueryData<Settings>(keys.settings, (shown) => shown && change(shown));
      try {
        await saveShown(client, change);
        return true;
      } catch (thrown) {
        showToast(errorText(toWireError(thrown)), { tone: "warn" });
        return false;
      } finally {
        await readAgain(client);
      }
    },
    [client],
  );
}

export async function forget(client: QueryClient, key: KeyOf): Promise<void> {
  await commands.credentialsForget(key);
  void client.invalidateQueries({ queryKey: keys.settings });
  void client.invalidateQueries({ queryKey: ["credentials"] });
  await client.invalidateQueries({ queryKey: keys.credentials });
}
