/** A flush each thirtieth of a second reads as a stream and leaves time to paint. */
const least = 33;
/** More seldom it would read as jerks. */
const most = 250;

/**
 * How long words are gathered before they are drawn, where the last ones were in the picture after `took` milliseconds. What takes long
 * is drawn the more seldom, so that most of the time is left for who types: their letter waits for every picture that was begun before it.
 */
export const pauseAfter = (took: number): number => Math.min(most, least + 2 * Math.max(0, took - least));

/** Calls `tell` with the milliseconds until what is changed now is in the picture; never in a window that is not shown. */
export function timeToPicture(tell: (took: number) => void): void {
  const start = performance.now();
  // The frame after the one that shows it begins when that is done: by then other threads and processes have done their part, too.
  requestAnimationFrame(() => requestAnimationFrame(() => tell(performance.now() - start)));
}

/** So long at most a letter that was typed is waited for to be in the picture, and words wait for letters in all: a key may be held down. */
const longest = 100;
/** Who types fast presses a key each 100 to 150 milliseconds. From when to when after one the next is expected. */
const expected = { from: 70, to: 160 };

/**
 * How long other words wait, `since` milliseconds after a letter was typed, `shown` once it is in the picture. Drawn at any moment, they
 * would be in the way of every second letter; drawn just after one, they are done before the next.
 */
export function waitForLetters(since: number, shown: boolean): number {
  if (!shown && since < longest) return longest - since;
  return since > expected.from && since < expected.to ? expected.to - since : 0;
}

let typed = Number.NEGATIVE_INFINITY;
let shown = true;
const waiting = new Set<() => void>();

addEventListener(
  "input",
  () => {
    const now = performance.now();
    typed = now;
    shown = false;
    timeToPicture(() => {
      if (typed !== now) return;
      shown = true;
      for (const look of [...waiting]) look();
    });
  },
  { capture: true, passive: true },
);

/** Calls `draw` after `pause` milliseconds, or where that would be in the way of who types, soon after. Returns the undo. */
export function drawAfter(pause: number, draw: () => void): () => void {
  let latest = Number.POSITIVE_INFINITY;
  const look = () => {
    stop();
    const now = performance.now();
    latest = Math.min(latest, now + longest);
    const wait = Math.min(waitForLetters(now - typed, shown), latest - now);
    if (wait <= 0) return draw();
    waiting.add(look);
    timer = setTimeout(look, wait);
  };
  // A timer and not an animation frame: a hidden window gets none.
  let timer = setTimeout(look, pause);
  const stop = () => {
    clearTimeout(timer);
    waiting.delete(look);
  };
  return stop;
}
