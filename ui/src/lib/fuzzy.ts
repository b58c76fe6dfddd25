/** Without case and accents, letter for letter: places in it are places in the text. */
export function fold(text: string): string {
  let folded = "";
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? "";
    folded += letter < "\u0080" ? letter.toLowerCase() : (letter.normalize("NFD").toLowerCase()[0] ?? letter);
  }
  return folded;
}

const boundary = /[\s/:_.()·-]/;
const starts = (text: string, at: number) => at === 0 || boundary.test(text[at - 1] ?? "");

function termFit(term: string, text: string): number | null {
  let best: number | null = null;
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + 1)) {
    const fit = at === 0 ? 100 : starts(text, at) ? 80 : 50;
    best = Math.max(best ?? 0, fit);
    if (best >= 80) return best;
  }
  return best ?? scattered(term, text);
}

/** Letters in order, the first at the beginning of a word, as one abbreviates: `ncht` for `new chat`. Gaps count against it. */
function scattered(term: string, text: string): number | null {
  if (term.length < 2) return null;
  let best: number | null = null;
  for (let from = text.indexOf(term[0] ?? ""); from >= 0; from = text.indexOf(term[0] ?? "", from + 1)) {
    if (!starts(text, from)) continue;
    let at = from;
    let gaps = 0;
    for (const letter of term.slice(1)) {
      const next = text.indexOf(letter, at + 1);
      if (next < 0) return best;
      if (next > at + 1 && !starts(text, next)) gaps += Math.min(10, next - at - 1);
      at = next;
    }
    best = Math.max(best ?? 0, 40 - gaps * 10);
  }
  return best !== null && best > 0 ? best : null;
}

/** How well a text fits the words; null: some word is not in it. Both folded. A short text that fits is nearer than a long one. */
export function fitOf(query: string, text: string): number | null {
  const terms = query.split(/\s+/).filter(Boolean);
  let sum = 0;
  for (const term of terms) {
    const one = termFit(term, text);
    if (one === null) return null;
    sum += one;
  }
  return terms.length === 0 ? 0 : sum / terms.length - Math.min(10, text.length / 20);
}
