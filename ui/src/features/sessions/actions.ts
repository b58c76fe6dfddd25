import { useQueryClient } from "@tanstack/react-query";
import { type Audience, commands, type Session } from "@/bindings";
import { errorText, toWireError } from "@/lib/errors";
import { changeSessions } from "@/lib/filing";
import { keys } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";

const named = (sessions: Session[]) => (sessions.length === 1 ? sessions[0]?.title || words.sessions.untitled : null);

/** What is done to chats shows at once, and is taken back if the program refuses. What takes them out of sight can be undone. */
export function useSessionActions(audience: Audience) {
  const client = useQueryClient();
  const queryKey = keys.sessions(audience);

  const rename = (id: Session["id"], title: string) => {
    void client.cancelQueries({ queryKey });
    client.setQueryData<Session[]>(queryKey, (sessions) =>
      sessions?.map((one) => (one.id === id ? { ...one, title, title_by: "owner" } : one)),
    );
    commands
      .sessionRename(id, title)
      .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }))
      .finally(() => void client.invalidateQueries({ queryKey }));
  };

  const offerUndo = (text: string, undo: () => Promise<boolean>) =>
    showToast(text, { action: { label: words.sessions.undo, run: () => void undo() } });

  return {
    rename,
    pin: (sessions: Session[], pinned: boolean) => void changeSessions(client, sessions, { type: "pinned", pinned }),
    tag: (sessions: Session[], tag: string, tagged: boolean) => void changeSessions(client, sessions, { type: "tagged", tag, tagged }),
    archive: async (sessions: Session[], archived: boolean) => {
      if (!(await changeSessions(client, sessions, { type: "archived", archived }))) return;
      const text = archived ? words.sessions.archivedNow : words.sessions.putBackNow;
      const since = sessions.map((session) => ({ ...session, archived }));
      offerUndo(text(named(sessions), sessions.length), () => changeSessions(client, since, { type: "archived", archived: !archived }));
    },
    remove: async (sessions: Session[]) => {
      if (!(await changeSessions(client, sessions, { type: "deleted", deleted: true }))) return;
      offerUndo(words.sessions.deleted(named(sessions), sessions.length), () =>
        changeSessions(client, sessions, { type: "deleted", deleted: false }),
      );
    },
  };
}
