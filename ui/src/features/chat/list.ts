import { type RefCallback, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Range } from "./branch";
import { Heights } from "./heights";
import { Parts, selection } from "./parts";
import { atEnd, fromEnd, type Hold, holdOf, holdOfClick, indexOf, offsetIn, type Scroller, settle } from "./scroll";

/** What a message measures before it was drawn: a question and its answer, halved. */
export const estimate = 160;
/** So much above and below the view is drawn, and drawn anew when less than the half of it is left. */
const margin = 900;
/** Before the box has been measured. */
const guess = 800;

/** Between two steps of one scrolling lie few milliseconds; after so many it has come to rest. */
const pause = 120;

type Drawn = Range & { focused: number | null };

type List = {
  box: RefObject<HTMLDivElement | null>;
  /** On every item, which tells its place as `data-index`. */
  item: RefCallback<HTMLElement>;
  /** The places that are drawn, each with the empty space before it. */
  drawn: { index: number; space: number }[];
  /** The empty space after the last of them. */
  rest: number;
  range: Range;
  /** What long items are made of, drawn as the items are: near the view. */
  parts: Parts;
  /** Null at the end; else how many items lie wholly below the view. */
  below: number | null;
  toEnd: () => void;
  reveal: (index: number) => void;
  /** The item at the upper edge, and how far below it that begins; null at the end. */
  place: () => { index: number; top: number } | null;
  onClickCapture: (event: { target: EventTarget }) => void;
};

/** A list of `count` items of which only those near the view are drawn, in the normal flow, between spaces as tall as the others. */
export function useList(count: number, start: Hold, onRest: () => void): List {
  const box = useRef<HTMLDivElement>(null);
  const [heights] = useState(() => new Heights(estimate));
  const [parts] = useState(() => new Parts());
  const [scroller] = useState<Scroller>(() => ({ hold: start, top: 0, height: 0, ended: start.to === "end", moving: false, lean: 0 }));
  const [range, setRange] = useState<Drawn>(() => around(heights, count, firstTop(heights, count, start), guess));
  const [below, setBelow] = useState<number | null>(null);
  const [observer] = useState(() => new ResizeObserver((entries) => resized.current(entries)));
  const resized = useRef<(entries: ResizeObserverEntry[]) => void>(() => {});

  const look = useCallback(() => {
    const element = box.current;
    if (!element) return;
    settle(element, scroller, { start: (index) => heights.start(index), at: (offset) => heights.at(offset, count) });
    const { clientHeight } = element;
    const offset = offsetIn(element, scroller);
    setRange((now) => (covers(heights, count, now, offset, clientHeight) ? now : around(heights, count, offset, clientHeight)));
    parts.look(element, margin);
    const away = scroller.hold.to !== "end" && fromEnd(element) > 1;
    setBelow(away ? count - 1 - heights.at(offset + clientHeight, count) : null);
  }, [count, heights, parts, scroller]);

  // After everything that this component draws; what is drawn inside the items tells the observer.
  useLayoutEffect(look);
  useLayoutEffect(() => {
    resized.current = (entries) => {
      for (const { target, borderBoxSize } of entries) {
        const index = target === box.current ? null : indexOf(target);
        const height = borderBoxSize[0]?.blockSize;
        if (index !== null && height) heights.set(index, height);
      }
      look();
    };
  }, [heights, look]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let rest: ReturnType<typeof setTimeout> | undefined;
    let still: ReturnType<typeof setTimeout> | undefined;
    const onStill = () => {
      scroller.moving = false;
      look();
    };
    // At once: a picture later there would be nothing to see where one has scrolled to.
    const onScroll = () => {
      // What was set here is told here, too.
      if (element.scrollTop !== scroller.top) scroller.moving = true;
      flushSync(look);
      clearTimeout(still);
      clearTimeout(rest);
      still = setTimeout(onStill, pause);
      rest = setTimeout(onRest, 400);
    };
    // What is copied is what is drawn: all that is selected has to be.
    const onSelect = () => {
      const selected = selection();
      if (selected && !selected.collapsed && selected.intersectsNode(element)) parts.look(element, margin);
    };
    observer.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    document.addEventListener("selectionchange", onSelect);
    return () => {
      clearTimeout(still);
      clearTimeout(rest);
      observer.unobserve(element);
      element.removeEventListener("scroll", onScroll);
      document.removeEventListener("selectionchange", onSelect);
    };
  }, [look, observer, onRest, parts, scroller]);

  const item = useCallback(
    (element: HTMLElement | null) => {
      if (!element) return;
      observer.observe(element, { box: "border-box" });
      return () => observer.unobserve(element);
    },
    [observer],
  );
  const take = useCallback(
    (hold: Hold) => {
      scroller.hold = hold;
      scroller.top = box.current?.scrollTop ?? 0;
      look();
    },
    [look, scroller],
  );

  const last = Math.min(range.last, count - 1);
  const first = Math.max(0, Math.min(range.first, last));
  return {
    box,
    item,
    ...spaced(heights, count, { first, last, focused: range.focused }),
    range: { first, last },
    parts,
    below,
    toEnd: useCallback(() => take(atEnd), [take]),
    reveal: useCallback((index: number) => take({ to: "middle", index }), [take]),
    place: useCallback(() => {
      const hold = scroller.hold.to === "end" || !box.current ? null : holdOf(box.current);
      return hold?.to === "item" ? { index: hold.index, top: hold.top } : null;
    }, [scroller]),
    onClickCapture: useCallback(
      ({ target }) => {
        const hold = box.current && holdOfClick(box.current, target);
        if (hold) scroller.hold = hold;
      },
      [scroller],
    ),
  };
}

/** Where the box will have been scrolled to, before there is a box. */
function firstTop(heights: Heights, count: number, hold: Hold): number {
  if (hold.to === "end") return heights.start(count) - guess;
  return heights.start(hold.index) - (hold.to === "item" ? hold.top : guess / 2);
}

export function around(heights: Heights, count: number, top: number, height: number): Drawn {
  return {
    first: heights.at(top - margin, count),
    last: heights.at(top + height + margin, count),
    // Who types or tabs in an item does not lose it by scrolling on.
    focused: indexOf(document.activeElement),
  };
}

/** Whether enough is drawn around the view. */
function covers(heights: Heights, count: number, { first, last }: Range, top: number, height: number): boolean {
  const above = first === 0 || heights.start(first) <= top - margin / 2;
  const below = last >= count - 1 || heights.start(last + 1) >= top + height + margin / 2;
  return first < Math.max(1, count) && above && below;
}

function spaced(heights: Heights, count: number, { first, last, focused }: Drawn): Pick<List, "drawn" | "rest"> {
  const places = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  if (focused !== null && focused < first) places.unshift(focused);
  if (focused !== null && focused > last && focused < count) places.push(focused);
  let end = 0;
  const drawn = places.map((index) => {
    const space = heights.start(index) - heights.start(end);
    end = index + 1;
    return { index, space };
  });
  return { drawn, rest: heights.start(count) - heights.start(end) };
}
