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
