import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const near = 48;

/**
 * Follows the end of the conversation while the reader is there, and leaves them alone when they are not.
 * `at` names what is shown: with a new name it starts at the end again.
 */
export function useFollowEnd(at: string): {
  box: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  away: boolean;
  toEnd: () => void;
  letGo: () => void;
  onScroll: () => void;
} {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const top = useRef(0);
  const [away, setAway] = useState(false);

  const jump = useCallback(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, []);
  const toEnd = useCallback(() => {
    follows.current = true;
    setAway(false);
    jump();
  }, [jump]);
  const letGo = useCallback(() => {
    follows.current = false;
  }, []);
  const onScroll = useCallback(() => {
    const element = box.current;
    if (!element) return;
    // Only going up is leaving: the event of our own jump comes late in WebKit, when the answer may have grown by more than `near` again.
    if (element.scrollHeight - element.scrollTop - element.clientHeight < near) follows.current = true;
    else if (element.scrollTop < top.current) follows.current = false;
    top.current = element.scrollTop;
    setAway(!follows.current);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new name is what starts it again
  useLayoutEffect(() => toEnd(), [at, toEnd]);

  useEffect(() => {
    if (!content.current || !box.current || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => follows.current && jump());
    observer.observe(content.current);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [jump]);

  return { box, content, away, toEnd, letGo, onScroll };
}
