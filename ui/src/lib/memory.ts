import type { QueryClient } from "@tanstack/react-query";
import { commands, type ForgetScope, type Memory, type MemoryId, type MemoryQuery, type Receipt } from "@/bindings";
import { type Typed, takeAway, typed } from "./drafts";
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

/** What was typed, not sent yet, and quotes what would be forgotten. */
export async function quotingDrafts(scope: ForgetScope, among: Typed[] = typed()): Promise<Typed[]> {
  if (among.length === 0) return [];
  const places = await commands.forgetDrafts(
    scope,
    among.map(({ unsent }) => unsent),
  );
  return places.flatMap((place) => among[place] ?? []);
}

/**
 * Erases it. What this window still holds of it and does not show goes as well; what it shows is read anew. Drafts go before, so that
 * what is erased on the disk has them in it.
 */
export async function forgetForGood(client: QueryClient, scope: ForgetScope): Promise<Receipt> {
  const drafts = await quotingDrafts(scope);
  const putBack = takeAway(drafts);
  const receipt = await commands.forget(scope).catch(async (thrown) => {
    // Traces may be left where the thing itself is gone: what quotes it then does not come back.
    putBack(await quotingDrafts(scope, drafts).catch((error) => (toWireError(error).code === "not_found" ? [] : drafts)));
    throw thrown;
  });
  const predicate = ({ queryKey }: { queryKey: readonly unknown[] }) => held.includes(String(queryKey[0]));
  client.removeQueries({ type: "inactive", predicate });
  await client.invalidateQueries({ predicate });
  return receipt;
}
