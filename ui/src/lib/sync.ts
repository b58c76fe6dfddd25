import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { commands, type SyncStatus, type WireError } from "@/bindings";
import { errorText, toWireError } from "./errors";
import { keys, useSync } from "./query";
import { keyedStore } from "./store";
import { showToast } from "./toast";

const busy = keyedStore<"now", true>();

/** Whether the person has asked for it and waits. */
export const useSyncingNow = (): boolean => busy.use("now") ?? false;

/** What comes of it is in the status; what kept it from being asked for at all is told. */
export async function syncNow(client: QueryClient): Promise<void> {
  if (busy.get("now")) return;
  busy.set("now", true);
  try {
    await commands.syncNow();
    // Read again: while the answer was on its way, a status that is newer may have come.
    await client.invalidateQueries({ queryKey: keys.sync });
  } catch (thrown) {
    showToast(errorText(toWireError(thrown)), { tone: "warn" });
  } finally {
    busy.remove("now");
  }
}

/** Whether this device belongs to those that sync. */
export const useIsSyncing = (): boolean => (useSync().data?.state ?? "off") !== "off";

/** It has stopped, or there is something that the owner has to know. */
export const needsOwner = ({ state, alarms }: SyncStatus): boolean => state === "failed" || alarms.length > 0;

/** Does something about syncing and asks anew how it stands. Resolves to what it gave, or to null after telling why it could not be done. */
export function useSyncChange(): <T>(work: () => Promise<T>, told?: (error: WireError) => void) => Promise<{ gave: T } | null> {
  const client = useQueryClient();
  return useCallback(
    async (work, told = (error) => showToast(errorText(error), { tone: "warn" })) => {
      try {
        const gave = await work();
        // Place and name are settings.
        void client.invalidateQueries({ queryKey: keys.settings });
        await client.invalidateQueries({ queryKey: keys.sync });
        return { gave };
      } catch (thrown) {
        told(toWireError(thrown));
        return null;
      }
    },
    [client],
  );
}

/** Whoever comes back to the window wants to see what came meanwhile. */
export function useLook(): void {
  useEffect(() => {
    // That it could not be looked is in the status.
    const look = () => void commands.syncLook().catch(() => {});
    window.addEventListener("focus", look);
    return () => window.removeEventListener("focus", look);
  }, []);
}
