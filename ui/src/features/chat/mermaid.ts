import mermaid from "mermaid";
import styles from "./mermaid.module.css";

export type Drawing = { url: string; width: number; height: number; kind: string };

/** More than this takes seconds, in which nothing else happens. */
const longest = 20_000;
const font = "sans-serif";

/** One that has not ended by then never will; those after it, and the page, whose functions it has changed, do not wait for it. */
const patience = 10_000;
/** So many are kept: a message that is scrolled back into view shows its diagrams at once. */
const most = 40;

let turn: Promise<unknown> = Promise.resolve();
let count = 0;
const drawn = new Map<string, Drawing>();

/** A drawing depends on its source and on the colours of the page. */
const keyOf = (source: string) => `${document.documentElement.dataset.theme}\n${source}`;

/** Draws a diagram, one after the other, or takes what was drawn before; rejects where its source cannot be read, or nobody waits for it (`wanted`) when its turn comes. */
export function draw(source: string, wanted: () => boolean): Promise<Drawing> {
  const known = drawn.get(keyOf(source));
  if (known) return Promise.resolve(known);
  const drawing = turn.then(async () => {
    if (!wanted()) throw new DOMException("nobody waits for the diagram", "AbortError");
    const key = keyOf(source);
    const done = await drawNow(source);
    const [oldest] = drawn.keys();
    if (drawn.size >= most && oldest !== undefined) drawn.delete(oldest);
    drawn.set(key, done);
    return done;
  });
  turn = drawing.catch(() => {});
  return drawing;
}

/** As the promise; rejects where it does not end in time. */
function inTime<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException("the diagram takes too long", "TimeoutError")), patience);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function drawNow(source: string): Promise<Drawing> {
  if (source.length > longest) throw new RangeError("the diagram is too long");
  const stage = document.createElement("div");
  stage.className = styles.stage ?? "";
  stage.setAttribute("aria-hidden", "true");
  document.body.append(stage);
  const release = allowStyles();
  try {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      suppressErrorRendering: true,
      htmlLabels: false,
      flowchart: { htmlLabels: false },
      class: { htmlLabels: false },
      fontFamily: font,
      maxTextSize: longest,
      theme: "base",
      ...colours(stage),
    });
    count += 1;
    // Not `mermaid.render`, whose own queue would wait for one that never ends.
    const { svg, diagramType } = await inTime(mermaid.mermaidAPI.render(`diagram-${count}`, source, stage));
    return { ...pictureOf(svg), kind: diagramType };
  } finally {
    release();
    stage.remove();
  }
}

/**
 * Mermaid measures its texts in the page, with a `<style>` element and style attributes, both of which the content policy strikes out: texts
 * would be measured in another size than they are drawn in. While it draws, another element therefore stands in for its sheet, which is adopted
 * as an object, and style attributes are set as properties: the policy is about what markup brings, and lets this program's scripts do either.
 * Where markup is read again to be cleaned, the attributes go by another name. In the picture, which is a document of its own, all are what they were.
 */
function allowStyles(): () => void {
  const sheets: CSSStyleSheet[] = [];
  const { createElement, createElementNS } = document;
  const { setAttribute } = Element.prototype;
  const { parseFromString } = DOMParser.prototype;
  const standIn = () => {
    const sheet = new CSSStyleSheet();
    sheets.push(sheet);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const element = createElementNS.call(document, "http://www.w3.org/2000/svg", sheetName);
    const put = (text: string) => {
      element.replaceChildren(text);
      sheet.replaceSync(text);
    };
    Object.defineProperties(element, { innerHTML: { set: put }, textContent: { set: put } });
    return element;
  };
  document.createElement = ((name: string, options?: ElementCreationOptions) =>
    name === "style" ? standIn() : createElement.call(document, name, options)) as typeof createElement;
  document.createElementNS = ((space: string, name: string, options?: ElementCreationOptions) =>
    name === "style" ? standIn() : createElementNS.call(document, space, name, options)) as typeof createElementNS;
  Element.prototype.setAttribute = function (this: Element, name: string, value: string) {
    if (name === "style" && "style" in this) (this as SVGElement).style.cssText = value;
    else setAttribute.call(this, name, value);
  };
  DOMParser.prototype.parseFromString = function (this: DOMParser, markup: string, type: DOMParserSupportedType) {
    return parseFromString.call(this, String(markup).replace(/(<[^>]*?) style="/g, `$1 ${styleName}="`), type);
  };
  return () => {
    document.createElement = createElement;
    document.createElementNS = createElementNS;
    Element.prototype.setAttribute = setAttribute;
    DOMParser.prototype.parseFromString = parseFromString;
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet));
  };
}

/** What stands in for a `<style>` element and a style attribute; neither means anything in a page. */
const sheetName = "metadata";
const styleName = "data-style";

/** The drawing as a picture with the size that it has. */
function pictureOf(svg: string): { url: string; width: number; height: number } {
  const [, , width = 0, height = 0] = (/viewBox="([^"]+)"/.exec(svg)?.[1] ?? "").split(/[\s,]+/).map(Number);
  if (!(width > 0 && height > 0)) throw new RangeError("the diagram has no size");
  const picture = svg
    .replace(/^<svg[^>]*>/, (tag) =>
      tag.replace(/ (?:width|height|style)="[^"]*"/g, "").replace("<svg", `<svg width="${width}" height="${height}"`),
    )
    .replace(new RegExp(`<(/?)${sheetName}>`, "g"), "<$1style>")
    .replaceAll(` ${styleName}="`, ' style="')
    .replaceAll("&nbsp;", "&#160;");
  return { url: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture)}`, width, height };
}

/** The colours of the page, as the theme that is shown gives them. */
function colours(stage: HTMLElement): { themeVariables: Record<string, string | boolean>; themeCSS: string } {
  const of = (name: string) => {
    stage.style.color = `var(--${name})`;
    return hex(getComputedStyle(stage).color);
  };
  const [ink, second, line, field] = [of("ink"), of("ink-2"), of("line-strong"), of("line-field")];
  const [surface, sunk, soft, accent, warn] = [of("surface"), of("surface-sunk"), of("accent-soft"), of("accent-text"), of("warn-soft")];
  const danger = of("danger-soft");
  const themeVariables = {
    darkMode: document.documentElement.dataset.theme === "dark",
    background: surface,
    fontFamily: font,
    fontSize: "14px",
    primaryColor: soft,
    primaryTextColor: ink,
    primaryBorderColor: accent,
    secondaryColor: warn,
    secondaryTextColor: ink,
    secondaryBorderColor: line,
    tertiaryColor: sunk,
    tertiaryTextColor: ink,
    tertiaryBorderColor: line,
    lineColor: field,
    textColor: ink,
    titleColor: ink,
    edgeLabelBackground: surface,
    noteBkgColor: warn,
    noteTextColor: ink,
    noteBorderColor: line,
    actorLineColor: field,
    signalColor: second,
    signalTextColor: ink,
    labelTextColor: ink,
    loopTextColor: ink,
    pieTitleTextSize: "15px",
    pieSectionTextSize: "13px",
    pieLegendTextSize: "13px",
    pieStrokeColor: surface,
    pieOuterStrokeColor: line,
    pieOuterStrokeWidth: "1px",
    pieOpacity: "1",
    pie1: soft,
    pie2: warn,
    pie3: line,
    pie4: danger,
    // Of its own, Mermaid darkens those of a mind map by three quarters, which in the dark theme is black.
    ...Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`cScale${at}`, [soft, warn, line, danger][at % 4] ?? soft])),
  };
  // What is pale enough to be written on is too pale for a line; and in a circle, Mermaid begins plain texts in the middle.
  const themeCSS = `[class*="section-edge-"] { stroke: ${field}; } .mindmap-node circle + .label { text-anchor: middle; }`;
  return { themeVariables, themeCSS };
}

/** `rgb(1, 2, 3)` as Mermaid's colour arithmetic reads it. */
function hex(colour: string): string {
  const parts = colour.match(/[\d.]+/g) ?? [];
  return `#${parts
    .slice(0, 3)
    .map((part) => Math.round(Number(part)).toString(16).padStart(2, "0"))
    .join("")}`;
}
