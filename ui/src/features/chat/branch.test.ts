import { describe, expect, it } from "vitest";
import type { Message, PathMessage } from "@/bindings";
import {
  type Branch,
  branchOf,
  countAbove,
  endingWith,
  filesUpTo,
  isHere,
  missing,
  near,
  noBranch,
  page,
  placeOf,
  withChange,
  withPage,
} from "./branch";

const message = (id: string, parent: string | null = null, more: Partial<Message> = {}): Message => ({
  id,
  session_id: "s",
  parent_id: parent,
  role: "user",
  content: id,
  parts: [],
  attachments: [],
  created_at: "2026-11-21T10:00:00Z",
  status: "complete",
  model: null,
  instead_of: null,
  usage: null,
  failure: null,
  imported: null,
  ...more,
});
const at = (place: number): PathMessage => ({
  message: message(`m${place}`, place === 0 ? null : `m${place - 1}`),
  versions: [`m${place}`],
  spend: null,
});
const read = (total: number, start: number, count: number) => ({
  leaf: `m${total - 1}`,
  total,
  start,
  messages: Array.from({ length: count }, (_, each) => at(start + each)),
});
const places = (branch: Branch) => Object.keys(branch.known).map(Number);

describe("what is known of a branch", () => {
  it("pages_are_put_in_their_places", () => {
    const branch = branchOf([read(1000, 950, 50), read(1000, 400, 50)]);
    expect(branch).toMatchObject({ leaf: "m999", total: 1000 });
    expect(places(branch)).toHaveLength(100);
    expect(placeOf(branch, "m420")).toBe(420);
    expect(placeOf(branch, "m500")).toBeNull();
  });

  it("last_message_has_its_place_even_where_it_was_not_read", () => {
    expect(placeOf({ leaf: "m999", total: 1000, known: {} }, "m999")).toBe(999);
  });

  it("nothing_is_missing_where_all_around_the_view_is_known", () => {
    expect(missing(branchOf([read(60, 0, 60)]), { first: 0, last: 59 })).toBeNull();
    expect(missing(noBranch, { first: 0, last: -1 })).toBeNull();
  });

  it("one_who_scrolls_up_is_read_the_page_that_ends_above_what_is_known", () => {
    expect(missing(branchOf([read(1000, 950, 50)]), { first: 945, last: 960 })).toBe(950 - page);
  });

  it("one_who_scrolls_down_is_read_the_page_that_begins_below_what_is_known", () => {
    expect(missing(branchOf([read(1000, 400, 50)]), { first: 440, last: 452 })).toBe(450);
  });

  it("one_who_jumped_is_read_a_page_that_covers_the_view", () => {
    const start = missing(branchOf([read(1000, 950, 50)]), { first: 500, last: 515 }) ?? -1;
    expect(start).toBeLessThanOrEqual(500);
    expect(start + page).toBeGreaterThan(515);
  });

  it("what_is_read_fills_the_hole_however_one_moves", () => {
    for (const first of [0, 1, 37, 480, 940, 985]) {
      let branch = branchOf([read(1000, 950, 50)]);
      const view = { first, last: Math.min(999, first + 70) };
      let readings = 0;
      for (let start = missing(branch, view); start !== null; start = missing(branch, view)) {
        branch = withPage(branch, read(1000, start, Math.min(page, 1000 - start)));
        readings += 1;
      }
      expect(readings).toBeLessThanOrEqual(3);
    }
  });

  it("far_away_is_let_go_and_the_last_page_is_not", () => {
    const all = branchOf([read(1000, 0, 1000)]);
    const kept = places(near(all, { first: 500, last: 520 }));
    expect(kept).toHaveLength(page + 221);
    expect(kept).toContain(400);
    expect(kept).not.toContain(399);
    expect(kept).toContain(999);
  });

  it("a_message_that_follows_the_last_one_makes_the_branch_longer", () => {
    const branch = endingWith(branchOf([read(60, 10, 50)]), message("new", "m59"));
    expect(branch).toMatchObject({ leaf: "new", total: 61 });
    expect(branch.known[60]).toMatchObject({ versions: ["new"] });
  });

  it("another_version_cuts_the_branch_and_counts_those_before_it", () => {
    const branch = endingWith(branchOf([read(60, 10, 50)]), message("new", "m29"));
    expect(branch).toMatchObject({ leaf: "new", total: 31 });
    expect(branch.known[30]?.versions).toEqual(["m30", "new"]);
    expect(branch.known[31]).toBeUndefined();
  });

  it("another_first_message_is_a_branch_of_its_own", () => {
    expect(endingWith(branchOf([read(60, 0, 60)]), message("new"))).toMatchObject({ leaf: "new", total: 1 });
  });

  it("a_message_whose_parent_is_not_known_changes_nothing", () => {
    const branch = branchOf([read(60, 10, 50)]);
    expect(endingWith(branch, message("new", "elsewhere"))).toBe(branch);
  });

  it("a_reply_stands_below_what_it_answers_and_hides_what_it_replaces", () => {
    const branch = branchOf([read(60, 0, 60)]);
    const live = { parent: null, reply: null, edits: null };
    expect(countAbove(branch, null)).toBe(60);
    expect(countAbove(branch, live)).toBe(60);
    expect(countAbove(branch, { ...live, edits: "m40" })).toBe(40);
    expect(countAbove(branch, { ...live, parent: "m40", reply: "r" })).toBe(41);
    // What was stored of it so far is in the branch already, and its question was not read.
    expect(countAbove({ ...branch, leaf: "r", known: {} }, { ...live, parent: "m58", reply: "r" })).toBe(59);
  });

  it("a_reply_to_a_question_on_another_branch_is_not_here", () => {
    const branch = branchOf([read(60, 0, 60)]);
    const live = { parent: null, reply: null, edits: null };
    expect(isHere(branch, live)).toBe(true);
    expect(isHere(branch, { ...live, parent: "m40", reply: "r" })).toBe(true);
    expect(isHere(branch, { ...live, parent: "elsewhere", reply: "r" })).toBe(false);
    expect(isHere({ ...branch, leaf: "r", known: {} }, { ...live, parent: "m58", reply: "r" })).toBe(true);
  });

  it("files_of_earlier_messages_count_and_those_left_out_do_not", () => {
    const file = (id: string, left_out = false) => ({ id, name: id, media_type: "image/png", bytes: 1, sha256: id, left_out });
    const branch = withChange(
      withChange(branchOf([read(3, 0, 3)]), "m0", (one) => ({ ...one, attachments: [file("old"), file("gone", true)] })),
      "m2",
      (one) => ({ ...one, attachments: [file("new")] }),
    );
    expect(filesUpTo(branch, 2)).toBe(2);
    expect(filesUpTo(branch, 1)).toBe(1);
  });
});
