import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { drawAfter, pauseAfter, waitForLetters } from "./pace";

describe("the pace of an answer", () => {
  it("is_thirty_a_second_where_drawing_is_quick_and_slower_the_longer_it_takes", () => {
    expect([0, 16, 33].map(pauseAfter)).toEqual([33, 33, 33]);
    expect([50, 100].map(pauseAfter)).toEqual([67, 167]);
  });

  it("still_reads_as_a_stream_where_drawing_is_very_slow", () => {
    expect([150, 5000].map(pauseAfter)).toEqual([250, 250]);
  });
});

describe("words_that_come_while_one_types", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.runAllTimers();
    vi.useRealTimers();
  });
  const type = () => window.dispatchEvent(new Event("input"));
  /** The milliseconds at which a stream of words is drawn, with a letter typed at each of `letters`. */
  const drawnAt = (letters: number[], until: number) => {
    const at: number[] = [];
    const start = performance.now();
    const go = (): (() => void) =>
      drawAfter(33, () => {
        at.push(performance.now() - start);
        stop = go();
      });
    let stop = go();
    for (const letter of letters) setTimeout(type, letter);
    vi.advanceTimersByTime(until);
    stop();
    return at;
  };

  it("are_drawn_thirty_times_a_second_where_nobody_types", () => {
    expect(drawnAt([], 1000).length).toBe(30);
  });

  it("are_out_of_the_way_when_the_next_letter_is_expected_and_still_a_stream", () => {
    const letters = Array.from({ length: 16 }, (_, at) => 100 + at * 120);
    const at = drawnAt(letters, 2000).filter((moment) => moment > 100);
    for (const letter of letters.slice(1)) {
      expect(at.filter((moment) => moment > letter - 48 && moment < letter + 16)).toEqual([]);
    }
    expect(at.length).toBeGreaterThanOrEqual(2 * 12);
  });

  it("are_not_kept_back_by_a_key_that_is_held_down_nor_by_letters_that_are_never_shown", () => {
    const held = Array.from({ length: 50 }, (_, at) => at * 20);
    expect(drawnAt(held, 1000).length).toBeGreaterThanOrEqual(7);
    const frames = vi.spyOn(window, "requestAnimationFrame").mockReturnValue(0);
    expect(drawnAt(held, 1000).length).toBeGreaterThanOrEqual(7);
    frames.mockRestore();
  });

  it("go_on_as_before_when_nobody_types_any_more", () => {
    type();
    vi.advanceTimersByTime(160);
    expect(drawnAt([], 330).length).toBe(10);
  });

  it("are_not_drawn_any_more_once_they_are_called_off", () => {
    const draw = vi.fn();
    drawAfter(33, draw)();
    vi.advanceTimersByTime(1000);
    expect(draw).not.toHaveBeenCalled();
  });

  it("wait_by_these_rules", () => {
    expect([10, 99, 100].map((since) => waitForLetters(since, false))).toEqual([90, 1, 60]);
    expect([10, 70, 71, 159, 160].map((since) => waitForLetters(since, true))).toEqual([0, 0, 89, 1, 0]);
  });
});
