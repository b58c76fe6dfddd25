/** Asked before the person is taken away from unsaved work; calls `proceed` when nothing would be lost, now or later. */
export type Guard = (proceed: () => void) => void;

let guard: Guard | null = null;

/** One screen at a time has unsaved work. Returns the undo. */
export function holdLeaving(next: Guard): () => void {
  guard = next;
  return () => {
    if (guard === next) guard = null;
  };
}

export function leave(proceed: () => void): void {
  if (guard) guard(proceed);
  else proceed();
}
