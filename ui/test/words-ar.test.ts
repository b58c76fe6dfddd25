import { expect, it } from "vitest";
import { ar } from "@/lib/words/ar";
import { apart } from "@/lib/words/ar/count";

it("arabic_counts_each_kind_of_number_in_its_own_form_with_western_digits", () => {
  expect([0, 1, 2, 3, 11, 100, 1204].map(ar.persona.facts)).toEqual([
    "لا حقائق",
    "حقيقة واحدة",
    "حقيقتان",
    "3 حقائق",
    "11 حقيقة",
    "100 حقيقة",
    "1,204 حقائق",
  ]);
});

it("arabic_dual_ends_differently_after_a_preposition", () => {
  expect(ar.usage.answers(2)).toBe("إجابتان");
  expect(ar.time.daysLater(2)).toBe("بعد يومين");
  expect(ar.sessions.tagsOf(null, 2)).toBe("وسوم محادثتين");
});

it("latin_name_in_arabic_keeps_its_own_direction", () => {
  expect(ar.chat.notes.instead("nova-pro", "claude (eu)")).toBe(`أجاب ${apart("nova-pro")} بدلًا من ${apart("claude (eu)")}.`);
  expect(apart("x")).toBe("\u2068x\u2069");
});
