import type { AttachmentId, MessageId, SessionId, StagedAttachment } from "@/bindings";
import { type Command, fail, notify } from "./common";

const mediaTypes: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  pdf: "application/pdf",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
};

/** Images above this are scaled. */
const most = 3_700_000;

export const attachmentCommands: Record<string, Command> = {
  attachment_add: (world, { name, data }: { name: string; data: string }): StagedAttachment => {
    const media_type = mediaTypes[name.split(".").at(-1)?.toLowerCase() ?? ""];
    if (!media_type)
      throw fail(
        "invalid_input",
        `${name} is neither an image nor a document that models take`,
        "attach PNG, JPEG, GIF or WebP images, PDF, Word, Excel, or text",
      );
    const original_bytes = atob(data).length;
    const bytes = media_type.startsWith("image/") && original_bytes > most ? Math.round(original_bytes / 4) : original_bytes;
    const id = crypto.randomUUID();
    const staged = { attachment: { id, name, media_type, bytes, sha256: id.replaceAll("-", ""), left_out: false }, original_bytes };
    world.staged.set(id, { ...staged, data });
    return staged;
  },
  attachment_discard: (world, { id }: { id: AttachmentId }) => {
    world.staged.delete(id);
    return null;
  },
  attachment_data: (world, { sha256 }: { sha256: string }) => {
    const data = world.blobs.get(sha256);
    if (data === undefined)
      throw fail("not_found", "the file is not on this device", "open the conversation on the device on which it was sent");
    return data;
  },
  attachment_leave_out: (
    world,
    {
      sessionId,
      messageId,
      attachmentId,
      leftOut,
    }: { sessionId: SessionId; messageId: MessageId; attachmentId: AttachmentId; leftOut: boolean },
  ) => {
    const message = world.messages.find((one) => one.id === messageId);
    for (const file of message?.attachments ?? []) if (file.id === attachmentId) file.left_out = leftOut;
    notify({ type: "messages_changed", session_id: sessionId }, "messages", "sessions");
    return null;
  },
};
