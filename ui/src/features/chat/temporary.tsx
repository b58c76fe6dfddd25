import type { QueryClient } from "@tanstack/react-query";
import { type Audience, commands, type SessionId } from "@/bindings";
import { type DraftKey, readDraft, writeDraft } from "@/lib/drafts";
import { errorText, toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { discard, holdsFiles } from "./attachments";
import { forgetChosen } from "./choice";
import { dropEdits } from "./edit";
import styles from "./header.module.css";
import { isAnswering } from "./reply";

/** What a temporary chat is, for as long as one is in it. */
export function TemporaryBanner({ audience }: { audience: Audience }) {
  return (
    <p className={styles.temporary} data-testid="temporary-banner">
      <span>
        <b>{words.temporary.banner}</b> {audience === "owner" ? words.temporary.bannerText : words.temporary.bannerVisitorText}
      </span>
    </p>
  );
}

/** Whether anything would be lost with a temporary chat: what was said in it, and also what was only written. */
export const holdsSomething = (key: DraftKey, session: SessionId | null): boolean =>
  session !== null || isAnswering(key) || readDraft(key).trim() !== "" || holdsFiles(key);

/** Nothing of it stays: not in the program, and not in this window. */
export function giveUp(client: QueryClient, key: DraftKey, session: SessionId | null): void {
  writeDraft(key, "");
  discard(key);
  forgetChosen(key);
  if (!session) return;
  dropEdits(session);
  closeTemporary(client, session);
}

export function closeTemporary(client: QueryClient, session: SessionId): void {
  commands
    .sessionClose(session)
    .catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }))
    .finally(() => client.removeQueries({ queryKey: keys.messages(session) }));
}
