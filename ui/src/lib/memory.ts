import type { QueryClient } from "@tanstack/react-query";
import { commands, type ForgetScope, type Memory, type MemoryId, type MemoryQuery, type Receipt } from "@/bindings";
import { errorText, toWireError } from "./errors";
import { showToast } from "./toast";
import { words } from "./words";

/** Everything that holds today. */
export const allMemories: MemoryQuery = {
  kind: null,
  person: null,
  audience: "owner",
  as_of: null,
  ended: false,
  contradicted: false,
  text: "",
  from: null,
  before: null,
  offset: 0,
  limit: 60,
};

/** Changes what is remembered; what could not be done is told. Resolves to whether it was done. */
export async function changeMemory(client: QueryClient, run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (thrown) {
    showToast(errorText(toWireError(thrown)), { tone: "warn" });
    return false;
  } finally {
    void client.invalidateQueries({ queryKey: ["memory"] });
  }
}

/** Does it, says so, and offers the way back. */
export async function changeWithUndo(
  client: QueryClient,
  told: string,
  run: () => Promise<unknown>,
  back: () => Promise<unknown>,
): Promise<boolean> {
  const done = await changeMemory(client, run);
  if (done) showToast(told, { action: { label: words.sessions.undo, run: () => void changeMemory(client, back) } });
  return done;
}

/** As if it had not been learned. */
export const undoMemory = (client: QueryClient, { id }: Pick<Memory, "id">): Promise<boolean> =>
  changeWithUndo(
    client,
    words.memory.undone,
    () => commands.memoryUndo(id, true),
    () => commands.memoryUndo(id, false),
  );

/** What was taken back holds again. */
export const bringBack = (client: QueryClient, id: MemoryId): Promise<boolean> =>
  changeMemory(client, () => commands.memoryRetract(id, false));

/** What this window holds of what was said and learned. */
const held = ["memory", "sessions", "messages", "report", "found", "file"];

/** Erases it. What this window still holds of it and does not show goes as well; what it shows is read anew. */
export async function forgetForGood(client: QueryClient, scope: ForgetScope): Promise<Receipt> {
  const receipt = await commands.forget(scope);
  const predicate = ({ queryKey }: { queryKey: readonly unknown[] }) => held.includes(String(queryKey[0]));
  client.removeQueries({ type: "inactive", predicate });
  await client.invalidateQueries({ predicate });
  return receipt;
}
