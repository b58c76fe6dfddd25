/**
 * What must not move in a conversation while it changes: its end, or what the reader looks at. The web view of Linux and macOS does not
 * keep it by itself (WebKit has no scroll anchoring), so whoever draws asks here after each change and before the picture is shown.
 */
export type Hold =
  | { to: "end" }
  | { to: "middle"; index: number }
  | {
      to: "item";
      index: number;
      /** Pixels from the upper edge of the box to the item's. */
      top: number;
      /** What within the item lies at the edge: a picture above it may grow. */
      detail: { element: Element; top: number } | null;
      /** Until then it is held even where the end is in view: what was just clicked stays under the pointer. */
      until: number;
    };

export const atEnd: Hold = { to: "end" };

/** Whoever comes so near to the end is at the end. */
const near = 24;
/** How long what was clicked is held. */
const clickHolds = 1000;
/** What changes its height when clicked, and the way from one version to the next. */
const togglers = "[aria-expanded]:not([aria-haspopup]), [aria-pressed], [data-testid=versions] button, summary";
/** Within these it is the thing itself that is held, and not one of the hundred parts of it. */
const whole = /^(?:p|pre|table|svg|math|button|textarea|h\d)$/i;

export const fromEnd = (box: Element): number => box.scrollHeight - box.scrollTop - box.clientHeight;

const topIn = (box: Element, element: Element) => element.getBoundingClientRect().top - box.getBoundingClientRect().top;

export const itemAt = (box: Element, index: number): Element | null => box.querySelector(`[data-index="${index}"]`);

export const indexOf = (element: Element | null): number | null => {
  const item = element?.closest<HTMLElement>("[data-index]");
  return item ? Number(item.dataset.index) : null;
};

/** Where items begin that are not drawn. */
export type Model = { start: (index: number) => number; at: (offset: number) => number };

/** How far into the content the view begins. */
export const offsetIn = (box: Element, { lean }: Scroller): number => box.scrollTop - lean;

/** What the reader looks at; where nothing is drawn yet, what will be. */
function looked(box: Element, scroller: Scroller, model: Model): Hold {
  const offset = offsetIn(box, scroller);
  const index = model.at(offset);
  return holdOf(box) ?? { to: "item", index, top: model.start(index) - offset, detail: null, until: 0 };
}

/** The first item in view that is there already, and what in it lies at the upper edge. */
export function holdOf(box: Element): Hold | null {
  const { top, bottom } = box.getBoundingClientRect();
  const inView = [...box.querySelectorAll("[data-index]")].filter((item) => {
    const rect = item.getBoundingClientRect();
    return rect.bottom > top + 1 && rect.top < bottom;
  });
  const item = inView.find((one) => one.hasAttribute("data-there")) ?? inView[0];
  const index = indexOf(item ?? null);
  if (!item || index === null) return null;
  const detail = detailAt(item, top);
  return { to: "item", index, top: topIn(box, item), detail: detail && { element: detail, top: topIn(box, detail) }, until: 0 };
}

function detailAt(item: Element, edge: number): Element | null {
  let at = item;
  while (!whole.test(at.tagName)) {
    const next = [...at.children].find((child) => child.getBoundingClientRect().bottom > edge + 1 && flows(child));
    if (!next) break;
    at = next;
    if (next.getBoundingClientRect().top >= edge) break;
  }
  return at === item ? null : at;
}

const flows = (element: Element) => /static|relative/.test(getComputedStyle(element).position || "static");

/** What was clicked stays where it is, if the click is of the kind that makes things grow. */
export function holdOfClick(box: Element, target: EventTarget | null): Hold | null {
  const toggler = target instanceof Element ? target.closest(togglers) : null;
  const index = indexOf(toggler);
  const item = index === null ? null : itemAt(box, index);
  if (!toggler || !item || index === null) return null;
  const detail = { element: toggler, top: topIn(box, toggler) };
  return { to: "item", index, top: topIn(box, item), detail, until: performance.now() + clickHolds };
}

export type Scroller = {
  hold: Hold;
  /** How far it was scrolled, how tall its content was, and whether the end was in view, when it was last looked after. */
  top: number;
  height: number;
  ended: boolean;
  /** Whether the reader is scrolling. */
  moving: boolean;
  /** How far the content is pushed down (negative: up) for as long as they do. */
  lean: number;
};

/**
 * To set the place ends a scrolling that the web view has under way: of a wheel or Page Up little would be left wherever heights turn out
 * otherwise than was thought. Until it has come to rest it is therefore the content that gives way.
 */
function leanTo(box: Element, scroller: Scroller, lean: number): void {
  const content = box.firstElementChild as HTMLElement | null;
  if (content) content.style.marginBlockStart = lean === 0 ? "" : `${lean}px`;
  scroller.lean = content ? lean : 0;
}

/** Stands upright again, with everything where it is. */
function straighten(box: Element, scroller: Scroller): void {
  const { lean } = scroller;
  if (lean === 0) return;
  leanTo(box, scroller, 0);
  box.scrollTop -= lean;
  scroller.top -= lean;
}

/**
 * What is drawn may become shorter and then longer again between two looks, and a layout in between would cut the place off at the
 * shorter one: to us as if the reader had scrolled up. So there is room for as much as there was until we look. Beside the content and
 * not in it: to change a height of the content lays out all of it again.
 */
function keepTall(box: Element, { lean }: Scroller): void {
  const [content, room] = box.children as unknown as HTMLElement[];
  if (content && room) room.style.blockSize = `${content.getBoundingClientRect().height + lean}px`;
}

/**
 * Puts what is held back in its place. What the reader has scrolled since then is not undone, and afterwards it is what they see now
 * that is held.
 */
export function settle(box: Element, scroller: Scroller, model: Model): void {
  const { hold } = scroller;
  const moved = box.scrollTop - scroller.top;
  // A box that grew has moved, too, and is still at its end. More than that only the reader moves it.
  const left = box.scrollTop < Math.min(scroller.top, scroller.height - box.clientHeight) - 1;
  if (!scroller.moving || hold.to !== "item") straighten(box, scroller);
  keepTall(box, scroller);
  const resting = hold.to !== "end" && moved === 0 && (hold.to === "middle" || performance.now() > hold.until);
  if (hold.to === "end" || (resting && scroller.ended)) {
    const away = left && fromEnd(box) > 1;
    scroller.hold = away ? looked(box, scroller, model) : atEnd;
    // A pixel is how a scrolling by keys begins, and to set the place would end it.
    if (!away && fromEnd(box) > 1) box.scrollTop = box.scrollHeight;
  } else {
    const shift = shiftOf(box, scroller, hold, moved, model);
    if (Math.abs(shift) >= 0.5) {
      if (scroller.moving) leanTo(box, scroller, scroller.lean - shift);
      else box.scrollTop += shift;
    }
    if (moved !== 0) scroller.hold = moved > 0 && fromEnd(box) < near ? atEnd : looked(box, scroller, model);
  }
  scroller.top = box.scrollTop;
  scroller.height = box.scrollHeight;
  scroller.ended = fromEnd(box) <= 1;
}

/** How far what is held lies from where it should be. */
function shiftOf(box: Element, scroller: Scroller, hold: Exclude<Hold, { to: "end" }>, moved: number, model: Model): number {
  const offset = offsetIn(box, scroller);
  const item = itemAt(box, hold.index);
  if (hold.to === "middle") {
    if (moved !== 0) return 0;
    if (!item) return model.start(hold.index) - offset - box.clientHeight / 2;
    return topIn(box, item) - Math.max(near, (box.clientHeight - item.getBoundingClientRect().height) / 2);
  }
  if (hold.detail?.element.isConnected) return topIn(box, hold.detail.element) - (hold.detail.top - moved);
  if (item) return topIn(box, item) - (hold.top - moved);
  return moved === 0 ? model.start(hold.index) - offset - hold.top : 0;
}
