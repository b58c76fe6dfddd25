import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { type Audience, commands, type ModelRef, type Session, type SessionId, type Settings } from "@/bindings";
import { draftKey, isTemporary } from "@/lib/drafts";
import { errorText, toWireError } from "@/lib/errors";
import { useSessions } from "@/lib/query";
import { keyedStore } from "@/lib/store";
import { showToast } from "@/lib/toast";

/** Who was chosen in a chat that has not begun; the first message takes it along. */
const chosen = keyedStore<string, ModelRef>();

export const chosenFor = (key: string): ModelRef | null => chosen.get(key);
export const forgetChosen = (key: string): void => chosen.remove(key);

/** The chat has begun; of one that is in no list, it is here that is known who was chosen. */
export function chosenBegan(from: string, session: SessionId): void {
  const model = chosen.get(from);
  chosen.remove(from);
  if (model && isTemporary(session)) chosen.set(session, model);
}

export type ModelChoice = {
  /** Who answers here. */
  model: ModelRef | null;
  /** Whether this chat has a model of its own. */
  own: boolean;
  /** Null: as in the settings. */
  choose: (model: ModelRef | null) => void;
};

export function useModelChoice(session: SessionId | null, audience: Audience, temporary: boolean, settings: Settings): ModelChoice {
  const client = useQueryClient();
  const key = draftKey(session, audience, temporary);
  const begun = useSessions(audience).data?.find((one) => one.id === session)?.model ?? null;
  const unsent = chosen.use(key);
  const own = begun ?? unsent;
  const choose = (model: ModelRef | null) => {
    if (session) setModel(client, session, model);
    if (session && !temporary) return;
    if (model) chosen.set(key, model);
    else chosen.remove(key);
  };
  return { model: own ?? settings.model, own: own !== null, choose };
}

/** Shown at once, and taken back if the program refuses. */
function setModel(client: QueryClient, session: SessionId, model: ModelRef | null) {
  client.setQueriesData<Session[]>({ queryKey: ["sessions"] }, (list) =>
    list?.map((one) => (one.id === session ? { ...one, model } : one)),
  );
  commands
    .sessionSetModel(session, model)
    .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }))
    .finally(() => void client.invalidateQueries({ queryKey: ["sessions"] }));
}
