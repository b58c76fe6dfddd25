import { events, type Notice } from "@/bindings";

/** Listens to what the program announces. Returns the undo at once, though the listening itself starts a little later. */
export function listenToNotices(onNotice: (notice: Notice) => void): () => void {
  const listening = events.notice.listen(({ payload }) => onNotice(payload));
  return () => void listening.then((stop) => stop());
}
