import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { type Credentials, type CredentialsView, commands, type KeyOf, type Settings, type WireError } from "@/bindings";
import { errorText, toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";
import { showToast } from "@/lib/toast";

export type Change = {
  credentials: Credentials | null;
  /** How a model is reached. May be asked for twice. */
  settings: (current: Settings) => Settings;
  /** Which one is used from now on; none: that stays as it is. */
  choice: ((current: Settings) => Settings) | null;
};

/**
 * A key is kept under the address of the server that it is for, so the address is saved before the key; and the choice last, so that a key
 * that could not be kept does not leave a model in use that cannot answer.
 */
async function save(client: QueryClient, { credentials, settings, choice }: Change): Promise<Settings> {
  let current = (await commands.bootstrap()).settings;
  if (credentials) {
    await commands.settingsSave(settings(current));
    client.setQueryData<CredentialsView>(keys.credentials, await commands.credentialsSave(credentials));
    current = (await commands.bootstrap()).settings;
  }
  const next = settings(current);
  const saved = await commands.settingsSave(choice ? choice(next) : next);
  client.setQueryData(keys.settings, saved);
  // Another address may have another key, other models and another identity.
  void client.invalidateQueries({ queryKey: keys.credentials });
  void client.invalidateQueries({ queryKey: ["credentials"] });
  void client.invalidateQueries({ queryKey: ["models"] });
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
export function useChange(): (change: (current: Settings) => Settings) => Promise<boolean> {
  const client = useQueryClient();
  return useCallback(
    async (change) => {
      const current = client.getQueryData<Settings>(keys.settings) ?? (await commands.bootstrap()).settings;
      const next = change(current);
      client.setQueryData<Settings>(keys.settings, next);
      try {
        client.setQueryData<Settings>(keys.settings, await commands.settingsSave(next));
        return true;
      } catch (thrown) {
        client.setQueryData<Settings>(keys.settings, current);
        showToast(errorText(toWireError(thrown)), { tone: "warn" });
        return false;
      }
    },
    [client],
  );
}

export async function forget(client: QueryClient, key: KeyOf): Promise<void> {
  client.setQueryData<CredentialsView>(keys.credentials, await commands.credentialsForget(key));
  void client.invalidateQueries({ queryKey: keys.settings });
  void client.invalidateQueries({ queryKey: ["credentials"] });
}
