import { type DesktopEvent, events, type Notice } from "@/bindings";

/** Listens to what the program announces. Returns the undo at once, though the listening itself starts a little later. */
export function listenToNotices(onNotice: (notice: Notice) => void): () => void {
  const listening = events.notice.listen(({ payload }) => onNotice(payload));
  return () => void listening.then((stop) => stop());
}

/** Listens to what the desktop asks of the main window. */
export function listenToDesktop(onEvent: (event: DesktopEvent) => void): () => void {
  const listening = events.desktop.listen(({ payload }) => onEvent(payload));
  return () => void listening.then((stop) => stop());
}
