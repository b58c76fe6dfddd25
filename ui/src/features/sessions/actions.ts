import { useQueryClient } from "@tanstack/react-query";
import { type Audience, commands, type Session, type SessionId } from "@/bindings";
import { errorText, toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";

/** Rename and delete show at once and are taken back if the program refuses. */
export function useSessionActions(audience: Audience) {
  const client = useQueryClient();
  const queryKey = keys.sessions(audience);
  const refresh = () => client.invalidateQueries({ queryKey });

  const run = (change: (sessions: Session[]) => Session[], command: () => Promise<null>) => {
    void client.cancelQueries({ queryKey });
    client.setQueryData<Session[]>(queryKey, (sessions) => sessions && change(sessions));
    return command()
      .then(() => true)
      .catch((thrown) => {
        showToast(errorText(toWireError(thrown)), { tone: "warn" });
        return false;
      })
      .finally(() => void refresh());
  };

  return {
    rename: (id: SessionId, title: string) =>
      void run(
        (sessions) => sessions.map((one) => (one.id === id ? { ...one, title } : one)),
        () => commands.sessionRename(id, title),
      ),
    remove: (session: Session) =>
      void run(
        (sessions) => sessions.filter((one) => one.id !== session.id),
        () => commands.sessionDelete(session.id),
      ).then((done) => {
        if (!done) return;
        const undo = () =>
          void run(
            (sessions) => sessions,
            () => commands.sessionRestore(session.id),
          );
        showToast(words.sessions.deleted(session.title || words.sessions.untitled), { action: { label: words.sessions.undo, run: undo } });
      }),
  };
}
