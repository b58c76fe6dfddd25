import { colour } from "./colour";
import { canPaint, paint, unpaint } from "./paint";
import { piecesOf, tokensIn } from "./piece";

/** While a text grows, its colours follow at this distance in milliseconds, or at so many times what they took to work out. */
const pace = { least: 250, times: 8 };

/** Keeps the colours of one block of code: an element with a child for each piece of its text. */
export class Colours {
  private text = "";
  private coloured: string | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private busy = false;
  private due = 0;
  private gone = false;

  constructor(
    private readonly element: Element,
    private readonly language: string,
  ) {}

  /** To be called when the element shows `text`. */
  show(text: string, growing: boolean): void {
    this.text = text;
    this.plan(growing);
  }

  stop(): void {
    this.gone = true;
    if (this.timer) clearTimeout(this.timer);
    for (const piece of this.element.children) unpaint(piece);
  }

  private plan(growing: boolean) {
    if (!canPaint || this.language === "" || this.busy || this.timer || this.text === this.coloured) return;
    this.timer = setTimeout(() => void this.work(), growing ? Math.max(0, this.due - performance.now()) : 0);
  }

  private async work() {
    this.timer = null;
    this.busy = true;
    const { text } = this;
    const start = performance.now();
    const tokens = await colour(text, this.language);
    this.due = performance.now() + Math.max(pace.least, pace.times * (performance.now() - start));
    this.busy = false;
    this.coloured = text;
    if (this.gone) return;
    // The text may have grown meanwhile: what was coloured is still its beginning.
    if (tokens && this.text.startsWith(text)) {
      for (const [at, piece] of piecesOf(text).entries()) {
        const child = this.element.children[at];
        if (child) paint(child, tokensIn(tokens, piece));
      }
    }
    this.plan(true);
  }
}
