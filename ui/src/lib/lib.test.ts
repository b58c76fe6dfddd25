import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import type { Code } from "@/bindings";
import { errorLook, errorText, toWireError } from "./errors";
import { dayGap, dayGroup, formatDuration } from "./format";
import { holdLeaving, leave } from "./leave";
import { modelName } from "./model";
import { applyNotice, keys } from "./query";
import { words } from "./words";

const at = (day: number, hour = 12) => new Date(2026, 10, day, hour).toISOString();
const now = new Date(2026, 10, 21, 0, 30);

describe("words for what the program sends", () => {
  it.each([
    [at(21, 0), "Today"],
    [at(20, 23), "Yesterday"],
    [at(17), "This week"],
    [at(3), "November"],
    [new Date(2025, 2, 3).toISOString(), "March 2025"],
  ])("list groups %s under %s", (date, group) => expect(dayGroup(date, now)).toBe(group));

  it("gap_between_messages_counts_days_not_hours", () => {
    expect(dayGap(at(20, 23), at(21, 1))).toBe(words.time.nextDay);
    expect(dayGap(at(17), at(21))).toBe("Four days later");
    expect(dayGap(at(21, 1), at(21, 23))).toBeNull();
  });

  it.each([
    [640, "640 ms"],
    [1240, "1.2 s"],
    [125_000, "2 min 5 s"],
  ])("%d ms is read as %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  it.each([
    ["eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"],
    ["amazon.nova-pro-v1:0", "nova-pro"],
    ["arn:aws:bedrock:eu-west-1::foundation-model/meta.llama3-70b-instruct-v1:0", "llama3-70b-instruct"],
  ])("model %s is called %s", (id, name) => expect(modelName({ provider: "bedrock", id })).toBe(name));

  it("every_code_has_a_title_and_an_icon", () => {
    for (const code of Object.keys(words.errors) as Code[])
      expect(errorLook(code)).toMatchObject({ title: words.errors[code], icon: expect.anything() });
  });

  it("unknown_code_still_gets_a_sentence", () => expect(errorLook("brand_new" as Code).title).toBe(words.errors.internal));

  it("error_text_is_cause_then_next_step", () => {
    expect(errorText({ message: "the disk is full", hint: "free some space" })).toBe("The disk is full. Free some space.");
    expect(toWireError(new Error("x")).code).toBe("internal");
  });
});

describe("caches", () => {
  it("messages_of_one_session_do_not_disturb_the_others", () => {
    const client = new QueryClient();
    client.setQueryData(keys.messages("a"), []);
    client.setQueryData(keys.messages("b"), []);
    applyNotice(client, { event: { type: "messages_changed", session_id: "a" }, stale: ["messages"] });
    expect(client.getQueryState(keys.messages("a"))?.isInvalidated).toBe(true);
    expect(client.getQueryState(keys.messages("b"))?.isInvalidated).toBe(false);
  });

  it("unsaved_work_is_asked_before_leaving", () => {
    const went: string[] = [];
    const release = holdLeaving(() => went.push("asked"));
    leave(() => went.push("left"));
    release();
    leave(() => went.push("left"));
    expect(went).toEqual(["asked", "left"]);
  });
});
