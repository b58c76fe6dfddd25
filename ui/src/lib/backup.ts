import { type QueryClient, useQuery } from "@tanstack/react-query";
import { type Backup, commands } from "@/bindings";
import { errorText, toWireError } from "./errors";
import { keyedStore } from "./store";
import { showToast } from "./toast";
import { words } from "./words";

const backupsKey = ["backup", "list"] as const;

// One is made each day without a word to the window: whoever comes to look gets the list anew.
export const useBackups = () => useQuery<Backup[]>({ queryKey: backupsKey, queryFn: () => commands.backupList(), staleTime: 0 });

export const backupsChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: backupsKey });

const running = keyedStore<"now", true>();
export const useBackingUp = (): boolean => running.use("now") !== null;

/** Says itself how it went, because one may be on another screen by then. */
export async function backUp(client: QueryClient): Promise<void> {
  if (running.get("now")) return;
  running.set("now", true);
  try {
    await commands.backupNow();
    showToast(words.data.backup.made);
  } catch (thrown) {
    showToast(errorText(toWireError(thrown)), { tone: "warn" });
  } finally {
    running.remove("now");
    await backupsChanged(client);
  }
}
