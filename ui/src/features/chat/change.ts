import type { QueryClient } from "@tanstack/react-query";
import { type Attachment, type Audience, commands, type Message, type MessageId, type SessionId } from "@/bindings";
import { errorText, toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { asOfFor } from "./as-of";
import type { Waiting } from "./attachments";
import { branchStale } from "./path";
import { sendMessage } from "./reply";

/** Changes to the tree of a conversation: each keeps what was there before, or can be undone. */

export async function showVersion(client: QueryClient, session: SessionId, message: MessageId): Promise<void> {
  await commands.sessionShow(session, message);
  await branchStale(client, session);
}

/** Sends another version of `message`. Resolves when it is stored; rejects when it was not, and then nothing has changed. */
export async function sendEdit(
  client: QueryClient,
  session: SessionId,
  audience: Audience,
  message: Message,
  text: string,
  kept: Attachment[],
): Promise<void> {
  const files = await Promise.all(kept.map((file, at) => takeAgain(client, file, at)));
  await new Promise<void>((stored, failed) => {
    sendMessage({
      client,
      session,
      audience,
      temporary: false,
      text,
      files,
      parent: message.parent_id,
      edits: message.id,
      model: null,
      asOf: asOfFor(session),
      onAccepted: () => stored(),
    }).catch((thrown) => {
      for (const { staged } of files) if (staged) void commands.attachmentDiscard(staged.attachment.id).catch(() => {});
      failed(thrown);
    });
  });
}

/** A file belongs to its message; for another one it is attached once more. Its bytes are stored only once. */
async function takeAgain(client: QueryClient, file: Attachment, at: number): Promise<Waiting> {
  const data = await client.fetchQuery({ queryKey: keys.file(file.sha256), queryFn: () => commands.attachmentData(file.sha256) });
  const staged = await commands.attachmentAdd(file.name, data);
  const picture = file.media_type.startsWith("image/") ? `data:${file.media_type};base64,${data}` : null;
  return { key: at, name: file.name, bytes: file.bytes, picture, text: null, staged };
}

/** Deletes `message` with all that follows it. What was shown before is shown again by the toast. */
export async function deleteBranch(client: QueryClient, session: SessionId, message: MessageId, leaf: MessageId): Promise<void> {
  await commands.branchDelete(session, message, true);
  const undo = async () => {
    await commands.branchDelete(session, message, false);
    await showVersion(client, session, leaf);
  };
  const run = () => void undo().catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
  showToast(words.thread.deletion.done, { action: { label: words.thread.deletion.undo, run } });
  await branchStale(client, session);
}
