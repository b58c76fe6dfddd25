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

/** What goes only with the page itself, such as a temporary chat; `holds`: whether there is something now. */
type PageGuard = { holds: () => boolean; ask: Guard };

let pageGuard: PageGuard | null = null;

export function holdPage(next: PageGuard): () => void {
  pageGuard = next;
  return () => {
    if (pageGuard === next) pageGuard = null;
  };
}

/** Whether something would be lost with the page. */
export const holdsPage = (): boolean => guard !== null || pageGuard?.holds() === true;

/** Like {@link leave}, where the whole page goes. */
export const leavePage = (proceed: () => void): void => leave(() => (pageGuard?.holds() ? pageGuard.ask(proceed) : proceed()));
