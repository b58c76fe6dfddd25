import type { QueryClient } from "@tanstack/react-query";
import { type Attachment, commands, type MessageId, type SessionId } from "@/bindings";
import { withChange } from "./branch";
import { branchStale, changeBranch } from "./path";

/** Takes a sent file out of what models are sent, or puts it back; shown at once, and taken back if the program refuses. */
export async function leaveOut(
  client: QueryClient,
  session: SessionId,
  message: MessageId,
  file: Attachment,
  leftOut: boolean,
): Promise<void> {
  changeBranch(client, session, (branch) =>
    withChange(branch, message, (one) => ({
      ...one,
      attachments: one.attachments.map((other) => (other.id === file.id ? { ...other, left_out: leftOut } : other)),
    })),
  );
  await commands.attachmentLeaveOut(session, message, file.id, leftOut).finally(() => void branchStale(client, session));
}
