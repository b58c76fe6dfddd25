import { useSyncExternalStore } from "react";

const clears: (() => void)[] = [];

/** Forgets what every store holds, as a new window would. */
export const clearStores = (): void => {
  for (const clear of clears) clear();
};

/** Values by key that outlive the components: a chat that one comes back to is as one left it, as long as the window lives. */
export function keyedStore<K, V>() {
  const values = new Map<K, V>();
  const listeners = new Set<() => void>();
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const tell = () => {
    for (const listener of listeners) listener();
  };
  clears.push(() => {
    values.clear();
    tell();
  });
  return {
    get: (key: K): V | null => values.get(key) ?? null,
    keys: (): K[] => [...values.keys()],
    set: (key: K, value: V) => {
      values.set(key, value);
      tell();
    },
    remove: (key: K) => {
      if (values.delete(key)) tell();
    },
    use: (key: K): V | null => useSyncExternalStore(subscribe, () => values.get(key) ?? null),
  };
}
