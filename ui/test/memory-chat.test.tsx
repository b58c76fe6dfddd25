import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { SendRequest } from "@/bindings";
import { emit } from "@/host/fake/event";
import { id } from "@/host/fake/sample";
import { answers, composer, openApp, openChat } from "./app";
import { violations } from "./axe";
import { openSettings } from "./settings";

const sent = (world: { calls: { name: string; args: Record<string, unknown> }[] }) =>
  world.calls.filter(({ name }) => name === "chat_send").map(({ args }) => args.request as SendRequest);

describe("what was remembered, in the chat", () => {
  it("stands_under_the_message_and_is_undone_there", async () => {
    const { user, world } = openApp();
    await user.type(await composer(), "Remember that I play the harp{Enter}");
    const notice = await screen.findByTestId("notice-remembered");
    expect(notice).toHaveTextContent("Remembered: I play the harp");
    expect(await violations()).toEqual([]);
    await user.click(within(notice).getByTestId("notice-undo"));
    await waitFor(() => expect(screen.queryByTestId("learned")).not.toBeInTheDocument());
    expect(world.memory.undone.size).toBe(1);
    await user.click(await screen.findByTestId("toast-action"));
    await screen.findByTestId("notice-remembered");
  });

  it("leads_to_the_memory", async () => {
    const { user } = openApp();
    await openChat(user, "What do I love, again?");
    const notices = await screen.findAllByTestId("notice-open");
    expect(notices[0]).toHaveTextContent("Remembered: Lives at St James’s Square instead of “Lives at Ockham Park”");
    await user.click(notices[0] as HTMLElement);
    expect(await screen.findByTestId("memory-text")).toHaveTextContent("Lives at St James’s Square");
  });

  it("says_what_was_taken_back_and_brings_it_back", async () => {
    const { user, world } = openApp();
    await user.type(await composer(), "Forget that keeps a box of unsent letters{Enter}");
    const notice = await screen.findByTestId("notice-taken-back");
    expect(notice).toHaveTextContent("Taken back: Keeps a box of unsent letters in the study");
    await user.click(within(notice).getByTestId("notice-undo"));
    await waitFor(() => expect(screen.queryByTestId("learned")).not.toBeInTheDocument());
    expect(world.memory.memories.find((one) => one.id === id("m-box"))?.ended_at).toBeNull();
  });

  it("comes_by_itself_when_it_was_learned_in_the_background", async () => {
    const { user, world } = openApp();
    await openChat(user, "Is the engine a mind?");
    await screen.findByTestId("notice-remembered");
    const [first] = world.memory.memories;
    const source = { type: "message" as const, session_id: id("mind"), message_id: id("m1") };
    if (first) world.memory.memories.push({ ...first, id: "later", text: "Doubts that the engine thinks", sources: [source] });
    await emit("notice", { event: { type: "memory_changed" }, stale: ["memory"] });
    await waitFor(() => expect(screen.getAllByTestId("notice-remembered")).toHaveLength(2));
  });

  it("is_not_shown_to_a_visitor", async () => {
    const { user, world } = openApp("?visitor");
    await openChat(user, "Who is Ada Lovelace?");
    await waitFor(() => expect(answers()).toHaveLength(1));
    expect(world.calls.some(({ name }) => name === "memory_notices")).toBe(false);
    expect(screen.queryByTestId("learned")).not.toBeInTheDocument();
  });
});

describe("why this answer", () => {
  it("says_by_which_signals_a_passage_was_found_and_opens_a_memory", async () => {
    const { user } = openApp();
    await openChat(user, "What do I love, again?");
    await user.click(screen.getByTestId("why-toggle"));
    const passages = await screen.findAllByTestId("passage");
    expect(passages[1]).toHaveTextContent("Found by its words (place 2) and its meaning (place 1)");
    expect(passages[0]).not.toHaveTextContent("Found by");
    const memory = passages.find((one) => one.dataset.source === "memory") as HTMLElement;
    expect(memory).toHaveTextContent("About others");
    await user.click(memory);
    expect(await screen.findByTestId("memory-text")).toHaveTextContent("Fred loves Python and keeps two greyhounds");
  });
});

describe("answers from the past", () => {
  it("are_asked_for_in_the_composer_shown_there_and_ended_there", async () => {
    const { user, world } = openApp();
    await composer();
    await user.click(screen.getByTestId("answer-as-of"));
    await user.click(await screen.findByRole("button", { name: "A month ago" }));
    expect(await screen.findByTestId("answer-as-of-note")).toHaveTextContent(/Answers from what was known on/);
    await user.type(await composer(), "Where do I live?");
    expect(await violations()).toEqual([]);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(sent(world)).toHaveLength(1));
    const now = new Date();
    const day = new Date(now.getFullYear(), now.getMonth() - 1, now.getDate() + 1);
    expect(sent(world)[0]?.as_of).toBe(new Date(day.getTime() - 1).toISOString());
    // The chat has begun, and goes on in the past until one ends that.
    await waitFor(() => expect(answers()).toHaveLength(1));
    await waitFor(() => expect(screen.queryByTestId("stop")).not.toBeInTheDocument());
    await user.click(await screen.findByTestId("answer-as-of-end"));
    await user.type(await composer(), "And now?{Enter}");
    await waitFor(() => expect(sent(world)).toHaveLength(2));
    expect(sent(world)[1]?.as_of).toBeNull();
  });
});

describe("memory settings", () => {
  it("learning_is_switched_off_and_has_a_budget", async () => {
    const { user, world } = await openSettings("", "memory");
    await user.click(await screen.findByTestId("learn"));
    await waitFor(() => expect(world.settings.learn).toBe(false));
    expect(await screen.findByTestId("learn-spent")).toHaveTextContent(
      "18,400 tokens used this month · 2 exchanges wait to be learned from",
    );
    await user.type(screen.getByTestId("learn-budget"), "50x");
    expect(screen.getByText("Enter a whole number, or nothing.")).toBeInTheDocument();
    await user.tab();
    expect(world.settings.learn_tokens_month).toBeNull();
    await user.clear(screen.getByTestId("learn-budget"));
    await user.type(screen.getByTestId("learn-budget"), "50000{Enter}");
    await waitFor(() => expect(world.settings.learn_tokens_month).toBe(50_000));
    await user.clear(screen.getByTestId("learn-budget"));
    await user.tab();
    await waitFor(() => expect(world.settings.learn_tokens_month).toBeNull());
    expect(await violations()).toEqual([]);
  });

  it("a_service_that_compares_texts_is_chosen_only_after_it_was_said_what_is_sent", async () => {
    const { user, world } = await openSettings("", "memory");
    await user.click(await screen.findByRole("radio", { name: /^Amazon Bedrock/ }));
    const warning = await screen.findByTestId("embedder-warning");
    await waitFor(() => expect(warning).toHaveTextContent(/\d+ messages and 12 memories will be sent to AWS/));
    expect(world.settings.embedder).toEqual({ type: "embedded" });
    await user.click(screen.getByTestId("embedder-test"));
    expect(await screen.findByTestId("embedder-tested")).toHaveTextContent("It works: the answer came in 120 ms.");
    expect(world.settings.embedder).toEqual({ type: "embedded" });
    expect(await violations()).toEqual([]);
    await user.click(screen.getByTestId("embedder-use"));
    await waitFor(() => expect(world.settings.embedder).toEqual({ type: "bedrock", model: "amazon.titan-embed-text-v2:0" }));
    await waitFor(() => expect(screen.queryByTestId("embedder-warning")).not.toBeInTheDocument());
    await user.click(screen.getByRole("radio", { name: /^OpenAI-compatible/ }));
    expect(screen.queryByTestId("embedder-warning")).not.toBeInTheDocument();
    await user.type(screen.getByTestId("embedder-model"), "nomic-embed-text");
    expect(await screen.findByTestId("embedder-warning")).toHaveTextContent("http://127.0.0.1:11434/v1");
    expect(screen.queryByTestId("embedder-tested")).not.toBeInTheDocument();
    await user.click(screen.getByTestId("embedder-test"));
    expect(await screen.findByTestId("embedder-tested")).toHaveTextContent("Choose one");
    await user.click(screen.getByRole("radio", { name: /^Part of the application/ }));
    await waitFor(() => expect(world.settings.embedder).toEqual({ type: "embedded" }));
  });

  it("a_service_that_could_not_be_given_up_is_still_shown_as_the_one_in_use", async () => {
    const { user, world } = await openSettings("", "memory");
    await user.click(await screen.findByRole("radio", { name: /^Amazon Bedrock/ }));
    await user.click(await screen.findByTestId("embedder-use"));
    await waitFor(() => expect(screen.queryByTestId("embedder-warning")).not.toBeInTheDocument());
    world.refuse.settings_save = { code: "store_read_only", message: "nothing can be written", hint: "", retryable: false, id: "" };
    await user.click(screen.getByRole("radio", { name: /^Part of the application/ }));
    await waitFor(() => expect(screen.getAllByTestId("toast").at(-1)).toHaveTextContent("Nothing can be written."));
    await waitFor(() => expect(screen.getByRole("radio", { name: /^Amazon Bedrock/ })).toBeChecked());
    expect(world.settings.embedder.type).toBe("bedrock");
  });
});
