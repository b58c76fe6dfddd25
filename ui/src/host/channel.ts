import { Channel } from "@tauri-apps/api/core";

/** A channel that hands each event to `onEvent`, in order. */
export function openChannel<T>(onEvent: (event: T) => void): Channel<T> {
  const channel = new Channel<T>();
  channel.onmessage = onEvent;
  return channel;
}
