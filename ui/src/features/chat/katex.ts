import katex from "katex";
import "katex/dist/katex.min.css";

/**
 * Draws a formula into `place`; false where it could not be read. Into an element, and not to markup: KaTeX sets its sizes by script there, which
 * the content policy allows, where it would strike out style attributes. No trust: a formula can neither link nor load anything.
 */
export function renderFormula(tex: string, display: boolean, place: HTMLElement): boolean {
  try {
    katex.render(tex, place, { displayMode: display, throwOnError: true, trust: false, strict: "ignore", maxExpand: 200, maxSize: 20 });
    return true;
  } catch {
    place.replaceChildren();
    return false;
  }
}
