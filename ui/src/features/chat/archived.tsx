import { useQueryClient } from "@tanstack/react-query";
import { Archive } from "lucide-react";
import type { Audience, SessionId } from "@/bindings";
import { Button } from "@/kit/button";
import { changeSessions } from "@/lib/filing";
import { useSessions } from "@/lib/query";
import { words } from "@/lib/words";
import styles from "./composer.module.css";

/** Says, where one would write, that this chat is not in the list. */
export function ArchivedNotice({ session, audience }: { session: SessionId | null; audience: Audience }) {
  const client = useQueryClient();
  const known = useSessions(audience).data?.find((one) => one.id === session);
  if (!known?.archived) return null;
  return (
    <p className={styles.archived} data-testid="archived-notice">
      <Archive size={14} strokeWidth={1.9} aria-hidden />
      {words.sessions.isArchived}
      <Button look="quiet" small onClick={() => void changeSessions(client, [known], { type: "archived", archived: false })}>
        {words.sessions.putBack}
      </Button>
    </p>
  );
}
