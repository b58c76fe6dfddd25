import { describe, expect, it } from "vitest";
import { pauseAfter } from "./pace";

describe("the pace of an answer", () => {
  it("is_thirty_a_second_where_drawing_is_quick_and_slower_the_longer_it_takes", () => {
    expect([0, 16, 33].map(pauseAfter)).toEqual([33, 33, 33]);
    expect([50, 100].map(pauseAfter)).toEqual([67, 167]);
  });

  it("still_reads_as_a_stream_where_drawing_is_very_slow", () => {
    expect([150, 5000].map(pauseAfter)).toEqual([250, 250]);
  });
});
