import type { QueryClient } from "@tanstack/react-query";
import { type Attachment, commands, type Message, type MessageId, type SessionId } from "@/bindings";
import { keys } from "@/lib/query";

/** Takes a sent file out of what models are sent, or puts it back; shown at once, and taken back if the program refuses. */
export async function leaveOut(
  client: QueryClient,
  session: SessionId,
  message: MessageId,
  file: Attachment,
  leftOut: boolean,
): Promise<void> {
  const queryKey = keys.messages(session);
  client.setQueryData<Message[]>(queryKey, (list) =>
    list?.map((one) =>
      one.id === message
        ? { ...one, attachments: one.attachments.map((other) => (other.id === file.id ? { ...other, left_out: leftOut } : other)) }
        : one,
    ),
  );
  await commands.attachmentLeaveOut(session, message, file.id, leftOut).finally(() => void client.invalidateQueries({ queryKey }));
}
