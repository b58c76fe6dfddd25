/** In place of @tauri-apps/api/event when the window runs without the program behind it (tests, design). */
export type EventCallback<T> = (event: { event: string; id: number; payload: T }) => void;

const listeners = new Map<string, Set<EventCallback<unknown>>>();

export async function listen<T>(name: string, callback: EventCallback<T>): Promise<() => void> {
  const set = listeners.get(name) ?? new Set();
  listeners.set(name, set);
  set.add(callback as EventCallback<unknown>);
  return () => set.delete(callback as EventCallback<unknown>);
}

export async function once<T>(name: string, callback: EventCallback<T>): Promise<() => void> {
  const stop = await listen<T>(name, (event) => {
    stop();
    callback(event);
  });
  return stop;
}

export async function emit(name: string, payload?: unknown): Promise<void> {
  for (const callback of listeners.get(name) ?? []) callback({ event: name, id: 0, payload });
}

/** There is one window here, so the target says nothing. */
export const emitTo = (_target: unknown, name: string, payload?: unknown): Promise<void> => emit(name, payload);
