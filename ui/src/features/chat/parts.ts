import { createContext, type RefObject, useContext, useLayoutEffect, useState } from "react";

/** Null: it is drawn. Else it is an empty space as tall as it was. */
type Show = (change: (height: number | null) => number | null) => void;

/**
 * The parts of long answers, of which only those near the view are drawn. Each is drawn once when it comes, so that how tall it is
 * is known and not guessed: what lies at which place in a conversation does not depend on what has been looked at.
 */
export class Parts {
  private readonly all = new Map<HTMLElement, Show>();

  add(element: HTMLElement, show: Show): () => void {
    this.all.set(element, show);
    return () => this.all.delete(element);
  }

  /** Draws what is within `margin` of what is in view in `box`, and lets go of the rest. */
  look(box: Element, margin: number): void {
    const view = box.getBoundingClientRect();
    const selected = selection();
    for (const [element, show] of this.all) {
      const { top, bottom, height } = element.getBoundingClientRect();
      const near = bottom > view.top - margin && top < view.bottom + margin;
      // Who has selected words or the focus does not lose them by scrolling on, and what is selected can be copied.
      const held = near || element.contains(document.activeElement) || selected?.intersectsNode(element);
      show((now) => (held ? null : (now ?? height)));
    }
  }

  /** Draws all that lies within `element`, until it is looked after again. */
  draw(element: Element): void {
    for (const [part, show] of this.all) if (element.contains(part)) show(() => null);
  }
}

/** What is selected in the page, or where one would begin to. */
export function selection(): Range | null {
  const now = getSelection();
  return now && now.rangeCount > 0 ? now.getRangeAt(0) : null;
}

export const PartsContext = createContext<Parts | null>(null);

/** How tall the empty space is that stands for a part; null where it is to be drawn. */
export function useAway(element: RefObject<HTMLElement | null>, stays: boolean): number | null {
  const parts = useContext(PartsContext);
  const [height, setHeight] = useState<number | null>(null);
  useLayoutEffect(() => {
    if (parts && element.current && !stays) return parts.add(element.current, setHeight);
  }, [parts, element, stays]);
  return stays ? null : height;
}
