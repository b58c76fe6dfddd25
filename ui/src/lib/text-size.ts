import { useLayoutEffect, useSyncExternalStore } from "react";
import { remember } from "./remember";
import { useMedia } from "./use-media";

const remembered = "twin.text-size";
export const smallest = 80;
export const largest = 200;

let size = 100;
const listeners = new Set<() => void>();

function apply(percent: number): void {
  size = Math.min(largest, Math.max(smallest, percent || 100));
  // In percent of what the person has told the system, which is 16 px unless they did.
  document.documentElement.style.fontSize = `${size}%`;
  for (const listener of listeners) listener();
}

/** Before the settings are known: as it was last, so that the window does not jump. */
export const applyRememberedTextSize = (): void => apply(Number(localStorage.getItem(remembered)));

export function useTextSize(percent: number): void {
  useLayoutEffect(() => {
    apply(percent);
    remember(remembered, String(size));
  }, [percent]);
}

const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Whether the window has room for fewer than so many rem: larger text needs a larger window. A media query would not know. */
export function useNarrow(rem: number): boolean {
  const now = useSyncExternalStore(listen, () => size);
  return useMedia(`(max-width: ${Math.round((rem * 16 * now) / 100)}px)`);
}
