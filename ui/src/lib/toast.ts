import { useSyncExternalStore } from "react";

export type Toast = {
  id: number;
  text: string;
  tone: "good" | "warn";
  /** How long it stays, in milliseconds. */
  lasts: number;
  action: { label: string; run: () => void } | null;
};

let toasts: readonly Toast[] = [];
let last = 0;
let place: HTMLElement | null = null;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}

function listen(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function showToast(text: string, options: Partial<Omit<Toast, "id" | "text">> = {}): void {
  last += 1;
  const toast: Toast = { id: last, text, tone: "good", lasts: options.action ? 9000 : 5000, action: null, ...options };
  // Saying the same thing twice in a row is one thing said, unless each can be undone; three at most, so that they never cover the composer.
  set([...toasts.filter((other) => other.text !== text || other.action !== null), toast].slice(-3));
}

export function dismissToast(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

export const dismissAllToasts = (): void => set([]);

/** An open drawer takes the toasts in: beside it they could not be reached by keyboard, and a click on them would close it. */
export function showToastsIn(element: HTMLElement | null): void {
  place = element;
  set([...toasts]);
}

export const useToastPlace = (): HTMLElement | null => useSyncExternalStore(listen, () => place);

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(listen, () => toasts);
}
