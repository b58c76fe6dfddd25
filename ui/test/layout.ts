/** So tall is every item of a conversation here, and so tall the box in which it scrolls. */
export const itemHeight = 100;
export const boxHeight = 600;

const isBox = (element: Element) => element.getAttribute("data-testid") === "thread";
const extra = new WeakMap<Element, number>();

/** Makes an item taller than the others; what is within one has no height but this. */
export const stretch = (element: Element, by: number): void => void extra.set(element, by);

const taller = (elements: Element[]) => elements.reduce((sum, element) => sum + (extra.get(element) ?? 0), 0);

const heightOf = (part: Element): number => {
  if (!part.hasAttribute("data-index")) return Number.parseFloat((part as HTMLElement).style.blockSize) || 0;
  return itemHeight + taller([part, ...part.querySelectorAll("*")]);
};

const partsOf = (box: Element): Element[] => [...box.querySelectorAll("[data-index], [data-space]")];

/**
 * jsdom does not lay out. For a conversation this does: items stand below each other with the spaces between them, and so does within an
 * item what has been stretched.
 */
export function layOut(): () => void {
  const prototype = HTMLElement.prototype;
  const before = {
    clientHeight: Object.getOwnPropertyDescriptor(Element.prototype, "clientHeight"),
    scrollHeight: Object.getOwnPropertyDescriptor(Element.prototype, "scrollHeight"),
    scrollTop: Object.getOwnPropertyDescriptor(Element.prototype, "scrollTop"),
  };
  const tops = new WeakMap<Element, number>();
  const least = (box: Element) => Number.parseFloat((box.children[1] as HTMLElement | undefined)?.style.blockSize ?? "") || 0;
  const lean = (box: Element) => Number.parseFloat((box.firstElementChild as HTMLElement | null)?.style.marginBlockStart ?? "") || 0;
  const content = (box: Element) => partsOf(box).reduce((sum, part) => sum + heightOf(part), 0);
  const total = (box: Element) => Math.max(least(box), lean(box) + content(box));
  const get = (name: keyof typeof before, value: (box: Element) => number, set?: (this: Element, to: number) => void) =>
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: Element) {
        return isBox(this) ? value(this) : before[name]?.get?.call(this);
      },
      set(this: Element, to: number) {
        if (isBox(this)) set?.call(this, to);
        else before[name]?.set?.call(this, to);
      },
    });
  get("clientHeight", () => boxHeight);
  get("scrollHeight", (box) => Math.max(boxHeight, total(box)));
  get(
    "scrollTop",
    (box) => {
      // As in a browser: what has once been cut off does not come back.
      const top = Math.min(tops.get(box) ?? 0, Math.max(0, total(box) - boxHeight));
      tops.set(box, top);
      return top;
    },
    function (to) {
      tops.set(this, Math.max(0, Math.min(to, total(this) - boxHeight)));
    },
  );
  prototype.getBoundingClientRect = function () {
    const box = this.closest("[data-testid=thread]");
    const item = this.closest("[data-index]");
    if (box && this === box.firstElementChild) return new DOMRect(0, lean(box) - box.scrollTop, 0, content(box));
    if (!box || !item) return new DOMRect(0, 0, 0, isBox(this) ? boxHeight : 0);
    const parts = partsOf(box);
    const above = parts.slice(0, parts.indexOf(item)).reduce((sum, part) => sum + heightOf(part), lean(box));
    if (this === item) return new DOMRect(0, above - box.scrollTop, 0, heightOf(item));
    const inner = [...item.querySelectorAll("*")];
    const earlier = inner.filter((one) => one.compareDocumentPosition(this) === Node.DOCUMENT_POSITION_FOLLOWING);
    return new DOMRect(0, above - box.scrollTop + taller(earlier), 0, taller(inner.filter((one) => this.contains(one))));
  };
  return () => {
    for (const name of Object.keys(before) as (keyof typeof before)[]) Reflect.deleteProperty(prototype, name);
    Reflect.deleteProperty(prototype, "getBoundingClientRect");
  };
}

/** Tells every observer that something changed its size. */
export class Observers {
  static all = new Set<Observers>();
  private readonly watched = new Set<Element>();
  private readonly tell: ResizeObserverCallback;
  constructor(tell: ResizeObserverCallback) {
    this.tell = tell;
  }
  observe(element: Element) {
    this.watched.add(element);
    Observers.all.add(this);
  }
  unobserve(element: Element) {
    this.watched.delete(element);
  }
  disconnect() {
    this.watched.clear();
    Observers.all.delete(this);
  }
  static resized() {
    for (const one of Observers.all) {
      const entries = [...one.watched].map((target) => {
        const { height } = target.getBoundingClientRect();
        return { target, borderBoxSize: [{ blockSize: height, inlineSize: 0 }] };
      });
      one.tell(entries as unknown as ResizeObserverEntry[], one as unknown as ResizeObserver);
    }
  }
}
