import { fold } from "./fuzzy";

/** What is looked for: each term is one word or, in double quotes, several that follow one another. */
export type Terms = { words: string[] /** Nothing was typed after it: it may be the beginning of a word. */; open: boolean }[];
export type Span = { start: number; end: number };

const word = /[\p{L}\p{N}\p{M}]+/gu;
// Written without spaces between the words: found wherever it occurs.
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

export function termsOf(text: string): Terms {
  const terms = text.split('"').flatMap((part, at) => {
    const words = fold(part).match(word) ?? [];
    return at % 2 === 1 ? (words.length > 0 ? [words] : []) : words.map((one) => [one]);
  });
  const open = /[\p{L}\p{N}\p{M}]$/u.test(text);
  return terms.map((words, at) => ({ words: [...words], open: open && at === terms.length - 1 }));
}

const ending = /^(?:s|es|e|d|ed|en|n|ing|er|ers|ly|y|ies|ied|ion|ions|ive)?$/;

/** Whether the store would take them for the same: it looks for words whatever their endings. */
function same(wanted: string, found: string, open: boolean): boolean {
  if (wanted === found || (open && found.startsWith(wanted))) return true;
  if (unspaced.test(wanted)) return found.includes(wanted);
  let common = 0;
  while (common < wanted.length && wanted[common] === found[common]) common += 1;
  return common >= 3 && ending.test(wanted.slice(common)) && ending.test(found.slice(common));
}

/** Where the terms are in a text, in order, each place once. */
export function spansOf(text: string, terms: Terms): Span[] {
  const folded = fold(text);
  const tokens = [...folded.matchAll(word)].map((match) => ({ text: match[0], start: match.index }));
  const spans: Span[] = [];
  for (const { words, open } of terms) {
    for (const [at, token] of tokens.entries()) {
      if (!words.every((wanted, place) => same(wanted, tokens[at + place]?.text ?? "", open && place === words.length - 1))) continue;
      const [only = ""] = words;
      if (words.length === 1 && token.text !== only && unspaced.test(only)) {
        for (let place = token.text.indexOf(only); place >= 0; place = token.text.indexOf(only, place + only.length))
          spans.push({ start: token.start + place, end: token.start + place + only.length });
        continue;
      }
      const last = tokens[at + words.length - 1] ?? token;
      spans.push({ start: token.start, end: last.start + last.text.length });
    }
  }
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  let end = 0;
  return spans.filter((span) => {
    const further = span.end > end;
    if (further) end = span.end;
    return further;
  });
}

const block = "p,li,td,th,h1,h2,h3,h4,h5,h6,pre,blockquote,summary,figcaption,div";

// Buttons and the like around the text; a link in it is a button with an address.
const around = "button:not([data-url]),footer,.visually-hidden,[aria-hidden=true]";

/** The drawn places of the terms below an element, in its text and not in what one does with it. The document is only read. */
export function rangesIn(root: Element, terms: Terms): Range[] {
  const ranges: Range[] = [];
  let text = "";
  let nodes: { node: Text; start: number }[] = [];
  let within: Element | null = null;
  const flush = () => {
    const of = (place: number) => nodes.findLast(({ start }) => start <= place);
    for (const { start, end } of spansOf(text, terms)) {
      const first = of(start);
      const last = of(end - 1);
      if (!first || !last) continue;
      const range = document.createRange();
      range.setStart(first.node, start - first.start);
      range.setEnd(last.node, end - last.start);
      ranges.push(range);
    }
    text = "";
    nodes = [];
  };
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent || parent.closest(around)) continue;
    // A word may go on from one element into the next, but not from one paragraph into the next.
    const own = parent.closest(block);
    if (own !== within) flush();
    within = own;
    nodes.push({ node: node as Text, start: text.length });
    text += node.nodeValue ?? "";
  }
  flush();
  return ranges;
}

/** Draws the ranges in the look of `::highlight(name)`, in place of those drawn before. Without a change to the document; where the engine cannot, nothing. */
export function paintRanges(name: string, ranges: Range[]): void {
  const highlights = globalThis.CSS && "highlights" in CSS ? CSS.highlights : null;
  if (ranges.length > 0) highlights?.set(name, new Highlight(...ranges));
  else highlights?.delete(name);
}
