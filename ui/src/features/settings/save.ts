import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { type Credentials, type CredentialsView, commands, type Provider, type Settings, type WireError } from "@/bindings";
import { toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";

export type Change = { credentials: Credentials | null; settings: (current: Settings) => Settings };

/**
 * A key is kept under the name of the server that it is for, so the address is saved before the key; and the model last, so that a key that
 * could not be kept does not leave a model in use that cannot answer.
 */
async function save(client: QueryClient, { credentials, settings }: Change): Promise<Settings> {
  let current = (await commands.bootstrap()).settings;
  if (credentials) {
    await commands.settingsSave({ ...settings(current), model: current.model });
    client.setQueryData<CredentialsView>(keys.credentials, await commands.credentialsSave(credentials));
    current = (await commands.bootstrap()).settings;
  }
  const saved = await commands.settingsSave(settings(current));
  client.setQueryData(keys.settings, saved);
  // Another address may have another key.
  void client.invalidateQueries({ queryKey: keys.credentials });
  return saved;
}

export type Saving = {
  busy: boolean;
  error: WireError | null;
  run: (change: Change) => Promise<Settings | null>;
  clear: () => void;
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
  const clear = useCallback(() => setError(null), []);
  return { busy, error, run, clear };
}

export async function forget(client: QueryClient, provider: Provider): Promise<void> {
  client.setQueryData<CredentialsView>(keys.credentials, await commands.credentialsForget(provider));
  void client.invalidateQueries({ queryKey: keys.settings });
}
