import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { describe, expect, it, vi } from "vitest";
import type { Code } from "@/bindings";
import { errorDetails, errorLook, errorText, toWireError } from "./errors";
import { dayGap, dayGroup, formatBytes, formatDuration, formatSpend } from "./format";
import { holdLeaving, leave } from "./leave";
import { modelName, typedModel } from "./model";
import { applyNotice, keys, makeQueryClient } from "./query";
import { speak, tongueOf, words } from "./words";

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
    [59_970, "1 min 0 s"],
    [125_000, "2 min 5 s"],
    [179_700, "3 min 0 s"],
  ])("%d ms is read as %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  it.each([
    ["eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"],
    ["amazon.nova-pro-v1:0", "nova-pro"],
    ["arn:aws:bedrock:eu-west-1::foundation-model/meta.llama3-70b-instruct-v1:0", "llama3-70b-instruct"],
  ])("model %s is called %s", (id, name) => expect(modelName({ provider: "bedrock", id })).toBe(name));

  it.each([
    [640, "640 B"],
    [12_400, "12 KB"],
    [999_700, "1.0 MB"],
    [2_104_000, "2.1 MB"],
  ])("%d bytes are read as %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0.00004, 0, "less than $0.0001"],
    [0.0042, 0, "$0.0042"],
    [12.4, 0, "$12.40"],
    [0, 0, "free, on this machine"],
    [null, 2, "no price known"],
    [0.31, 1, "$0.31, and 1 answer without a known price"],
  ])("%d dollars with %d unpriced are read as %s", (dollars, unpriced, text) => expect(formatSpend({ dollars, unpriced })).toBe(text));

  const servers = ["ollama", "work"].map((name) => ({ name, base_url: "", key_secret: null }));
  it.each([
    ["anthropic.claude-x-v1:0", { provider: "bedrock", id: "anthropic.claude-x-v1:0" }],
    ["eu.anthropic.claude-x", { provider: "bedrock", id: "eu.anthropic.claude-x" }],
    ["arn:aws:bedrock:x", { provider: "bedrock", id: "arn:aws:bedrock:x" }],
    ["bedrock:mine", { provider: "bedrock", id: "mine" }],
    ["openai:gpt", { provider: "openai", server: "ollama", id: "gpt" }],
    ["openai@ollama:a:b", { provider: "openai", server: "ollama", id: "a:b" }],
    ["openai@work:gpt", { provider: "openai", server: "work", id: "gpt" }],
    ["openai@nobody:gpt", null],
    ["llama3.2:3b", { provider: "openai", server: "ollama", id: "llama3.2:3b" }],
    ["gpt-4.1-mini", { provider: "openai", server: "ollama", id: "gpt-4.1-mini" }],
    ["two words", null],
    ["", null],
  ])("typed id %s is taken as %o", (text, model) => expect(typedModel(text, servers)).toEqual(model));

  it("typed_id_has_nowhere_to_go_without_a_server", () => expect(typedModel("gpt", [])).toBeNull());

  it("every_code_has_a_title_and_an_icon", () => {
    for (const code of Object.keys(words.errors) as Code[])
      expect(errorLook(code)).toMatchObject({ title: words.errors[code], icon: expect.anything() });
  });

  it("unknown_code_still_gets_a_sentence", () => expect(errorLook("brand_new" as Code).title).toBe(words.errors.internal));

  it("error_text_is_cause_then_next_step", () => {
    expect(errorText({ message: "the disk is full", hint: "free some space" })).toBe("The disk is full. Free some space.");
    expect(toWireError(new Error("x")).code).toBe("internal");
  });

  it("chinese_sentences_end_and_follow_each_other_as_chinese_does", async () => {
    await speak("zh-Hans");
    const { store_full: title } = words.errors;
    expect(errorText({ code: "store_full", message: "the disk is full", hint: "free some space" })).toBe(
      `${title}。${words.hints.store_full}`,
    );
    expect(errorDetails({ code: "store_full", message: "the disk is full", hint: "free some space" })).toBe(
      "The disk is full. Free some space.",
    );
    await speak("en");
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

  function held() {
    let resolve = (_: string) => {};
    const promise = new Promise<string>((done) => {
      resolve = done;
    });
    return { promise, resolve };
  }

  it("what_changed_while_it_was_read_for_the_first_time_is_read_again", async () => {
    const client = makeQueryClient();
    const answers = [held(), held()];
    let asked = 0;
    const observer = new QueryObserver(client, { queryKey: keys.notices("a"), queryFn: () => answers[asked++]?.promise });
    const release = observer.subscribe(() => {});
    applyNotice(client, { event: { type: "memory_changed" }, stale: ["memory"] });
    answers[0]?.resolve("before");
    answers[1]?.resolve("after");
    await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe("after"));
    release();
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

describe("the language of the window", () => {
  it("is_the_first_of_the_desktops_that_it_speaks", () => {
    expect(tongueOf("system", ["pt-BR", "de-AT", "en"])).toBe("de");
    expect(tongueOf("system", ["zh-TW", "es"])).toBe("es");
    expect(tongueOf("ar", ["de"])).toBe("ar");
  });

  it("is_english_on_a_desktop_that_has_none", () => {
    expect(tongueOf("system", ["C"])).toBe("en");
    expect(tongueOf("system", ["not a tag", "es"])).toBe("es");
  });
});
