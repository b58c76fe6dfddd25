import { kinds } from "./kind";

/** Whether the web view can colour ranges of text. Without it code stays plain: elements for every token would weigh down long answers. */
export const canPaint = typeof Highlight === "function" && typeof CSS !== "undefined" && "highlights" in CSS;

const painted = new WeakMap<Element, [Highlight, StaticRange][]>();
const tokens = new WeakMap<Element, Uint32Array>();
let seen: IntersectionObserver | null = null;

function highlightOf(kind: number): Highlight {
  const name = `code-${kinds[kind]}`;
  let highlight = CSS.highlights.get(name);
  if (!highlight) {
    highlight = new Highlight();
    CSS.highlights.set(name, highlight);
  }
  return highlight;
}

/**
 * Colours the one text node of `element`: three numbers a token, as `tokensOf` gives them. Ranges and not elements, and only where the eye may
 * be: a web view looks at every range for every line that it paints.
 */
export function paint(element: Element, numbers: Uint32Array): void {
  tokens.set(element, numbers);
  seen ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) apply(target);
        else wipe(target);
      }
    },
    { rootMargin: "300px" },
  );
  if (painted.has(element)) apply(element);
  else seen.observe(element);
}

/** To be called when `element` goes. */
export function unpaint(element: Element): void {
  seen?.unobserve(element);
  wipe(element);
  tokens.delete(element);
}

function apply(element: Element) {
  wipe(element);
  const text = element.firstChild;
  const numbers = tokens.get(element);
  if (!(text instanceof Text) || !numbers) return;
  const ranges: [Highlight, StaticRange][] = [];
  for (let at = 0; at + 2 < numbers.length; at += 3) {
    const [startOffset = 0, end = 0, kind = 0] = numbers.subarray(at, at + 3);
    // What was coloured may be ahead of what is shown, after a text was replaced by a shorter one.
    if (end > text.length) break;
    const range = new StaticRange({ startContainer: text, startOffset, endContainer: text, endOffset: end });
    const highlight = highlightOf(kind);
    highlight.add(range);
    ranges.push([highlight, range]);
  }
  painted.set(element, ranges);
}

function wipe(element: Element) {
  for (const [highlight, range] of painted.get(element) ?? []) highlight.delete(range);
  painted.delete(element);
}
