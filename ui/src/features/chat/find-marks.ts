import { useEffect } from "react";
import type { MessageId } from "@/bindings";
import { paintRanges, rangesIn, termsOf } from "@/lib/text-highlight";

/** Marks the words in the messages that are drawn, now and as others come into view; in `now` they stand out. `only`: nowhere but there. */
export function useMarks(words: string, now: MessageId | null, only: boolean): void {
  useEffect(() => {
    const terms = termsOf(words);
    if (terms.length === 0) return;
    const paint = () => {
      const drawn = [...document.querySelectorAll<HTMLElement>("[data-message-id]")];
      const isNow = (message: HTMLElement) => message.dataset.messageId === now;
      const rangesOf = (messages: HTMLElement[]) => messages.flatMap((message) => rangesIn(message, terms));
      const there = rangesOf(drawn.filter(isNow));
      paintRanges("found", only ? there : rangesOf(drawn.filter((message) => !isNow(message))));
      paintRanges("found-now", only ? [] : there);
    };
    let frame = 0;
    const soon = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(paint);
    };
    soon();
    // What changes beside the conversation, as what one writes does, is nothing to mark.
    const thread = "[role=log]";
    const inThread = ({ target }: MutationRecord) => {
      const element = target instanceof Element ? target : target.parentElement;
      return element !== null && (element.closest(thread) ?? element.querySelector(thread)) !== null;
    };
    const observer = new MutationObserver((changes) => changes.some(inThread) && soon());
    observer.observe(document.body, { childList: true, characterData: true, subtree: true });
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      paintRanges("found", []);
      paintRanges("found-now", []);
    };
  }, [words, now, only]);
}
