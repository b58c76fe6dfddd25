import { describe, expect, it } from "vitest";
import { Heights } from "./heights";

describe("the heights of a long list", () => {
  it("what_was_not_measured_is_estimated", () => {
    const heights = new Heights(100);
    expect(heights.start(10_000)).toBe(1_000_000);
    expect(heights.at(250, 10)).toBe(2);
  });

  it("begins_are_sums_whatever_was_measured_in_whatever_order", () => {
    const heights = new Heights(100);
    const real = Array.from({ length: 2000 }, (_, at) => (at * 7919) % 331);
    for (const at of [1999, 3, 700, 0, 1024, 1023, 1999, 255, 256]) heights.set(at, real[at] ?? 0);
    const of = (at: number) => ([1999, 3, 700, 0, 1024, 1023, 255, 256].includes(at) ? (real[at] ?? 0) : 100);
    let sum = 0;
    for (let at = 0; at < 2000; at += 1) {
      expect(heights.start(at)).toBe(sum);
      sum += of(at);
    }
    expect(heights.start(2000)).toBe(sum);
  });

  it("measured_again_counts_once", () => {
    const heights = new Heights(100);
    heights.set(4, 300);
    heights.set(4, 50);
    expect(heights.start(5)).toBe(450);
  });

  it("finds_what_lies_at_an_offset_and_stays_within_the_list", () => {
    const heights = new Heights(100);
    heights.set(1, 500);
    expect([-20, 0, 99, 100, 599, 600, 9_999].map((offset) => heights.at(offset, 8))).toEqual([0, 0, 0, 1, 1, 2, 7]);
    expect(heights.at(50, 0)).toBe(0);
  });
});
