import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { answers, composer, openApp, openChat } from "./app";

const last = () => within(answers().at(-1) as HTMLElement);
const done = () => waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));

describe("how an answer comes about", () => {
  it("thoughts_are_folded_stream_when_unfolded_and_say_how_long_they_took", async () => {
    const { user, world } = openApp("?reasoning");
    world.pace = 15;
    await user.type(await composer(), "Where do they run?{Enter}");
    const fold = await screen.findByRole("button", { name: "Thinking…" });
    expect(fold).toHaveAttribute("aria-expanded", "false");
    expect(answers().at(-1)).not.toHaveTextContent("The question is about the dogs");
    await user.click(fold);
    expect(answers().at(-1)).toHaveTextContent(/The question/);
    world.pace = 0;
    await done();
    expect(last().getAllByRole("button", { name: /^Thought for \d+ s$/ })).toHaveLength(2);
    // Still unfolded, now that it is stored.
    expect(answers().at(-1)).toHaveTextContent("I should look before I answer.");
  });

  it("answer_keeps_the_order_thoughts_words_look_up_words", async () => {
    const { user } = openApp("?rich");
    await openChat(user, "Which loom was it?");
    await waitFor(() =>
      expect(answers()[0]).toHaveTextContent(
        /^Thoughts.*Thoughts that the provider keeps sealed.*Let me see.*Looked in memory for “greyhounds blanket”: 3 found.*It is the pattern card/,
      ),
    );
    expect(answers()[0]).not.toHaveTextContent("<memory>");
    await user.click(within(answers()[0] as HTMLElement).getByRole("button", { name: /Looked in memory/ }));
    expect(answers()[0]).toHaveTextContent("I keep two greyhounds, Nimbus and Vesper.you said on 17 November 2026");
  });

  it("pause_counts_down_is_announced_once_and_can_be_stopped", async () => {
    const { user, world } = openApp("?waiting");
    world.pause = () => new Promise(() => {});
    await user.type(await composer(), "Who are you?{Enter}");
    const waiting = await screen.findByTestId("waiting");
    expect(waiting).toHaveTextContent(/^Too many requests\. Trying again in 1[12] s \(attempt 2\)/);
    expect(within(waiting).getByText(/Trying again/)).toHaveAttribute("aria-hidden", "true");
    expect(screen.getByTestId("announcement")).toHaveTextContent("Too many requests. Trying again in 12 seconds.");
    await user.click(screen.getByTestId("waiting-stop"));
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "stopped"));
    expect(screen.queryByTestId("waiting")).not.toBeInTheDocument();
  });

  it("escape_ends_the_pause_as_well", async () => {
    const { user, world } = openApp("?waiting");
    world.pause = () => new Promise(() => {});
    await user.type(await composer(), "Who are you?{Enter}");
    await screen.findByTestId("waiting");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "stopped"));
  });

  it("what_went_differently_stands_below_the_answer_and_in_the_panel", async () => {
    const { user } = openApp("?waiting&trimmed&fallback");
    await user.type(await composer(), "Who are you?{Enter}");
    await done();
    const notes = [
      "Asked again twice: the service asked to slow down.",
      "The 12 oldest messages did not fit and were not sent.",
      "Sent without tools, so it could not look further into memory by itself.",
      "claude-sonnet-4-5 could not answer (it was asked too often); nova-pro did.",
    ];
    expect([...last().getByTestId("notes").children].map((note) => note.textContent)).toEqual(notes);
    await user.click(screen.getByTestId("why-toggle"));
    expect([...(await screen.findByTestId("why-notes")).children].map((note) => note.textContent)).toEqual(notes);
  });
});

describe("tokens and cost", () => {
  it("answer_says_its_cost_and_the_panel_says_all_of_it_apart", async () => {
    const { user } = openApp();
    await openChat(user, "What do I love, again?");
    await waitFor(() => expect(last().getByTestId("spend")).toHaveTextContent("98 tokens$0.0102"));
    await user.hover(last().getByTestId("spend"));
    expect(await screen.findByRole("tooltip", { hidden: true })).toHaveTextContent("In 2,714 · out 98 · from cache 1,984 · into cache 0");
    await user.click(last().getByTestId("spend"));
    expect(await screen.findByTestId("session-spend")).toHaveTextContent("This chat so far, 3 answers14,388 tokens · $0.0306");
    const went = await screen.findByTestId("why-went");
    for (const row of ["Tokens read2,714", "Tokens written98", "Read from cache1,984", "Kept in cache0", "Cost$0.0102"])
      expect(went).toHaveTextContent(row);
  });

  it("unknown_price_is_called_unknown", async () => {
    const { user } = openApp("?rich");
    await openChat(user, "Which loom was it?");
    await waitFor(() => expect(last().getByTestId("spend")).toHaveTextContent("no price known"));
    await user.click(screen.getByTestId("why-toggle"));
    expect(await screen.findByTestId("session-spend")).toHaveTextContent("$0.0132, and 1 answer without a known price");
  });

  it("answer_from_this_machine_is_free", async () => {
    const { user } = openApp("?model=openai");
    await user.type(await composer(), "Who are you?{Enter}");
    await waitFor(() => expect(last().getByTestId("spend")).toHaveTextContent(/free$/));
    await user.click(screen.getByTestId("why-toggle"));
    expect(await screen.findByTestId("session-spend")).toHaveTextContent("free, on this machine");
  });

  it("sum_grows_with_the_next_answer", async () => {
    const { user } = openApp();
    await openChat(user, "What do I love, again?");
    await user.click(screen.getByTestId("why-toggle"));
    expect(await screen.findByTestId("session-spend")).toHaveTextContent("3 answers");
    await user.type(screen.getByTestId("composer"), "Who are you?{Enter}");
    await waitFor(() => expect(screen.getByTestId("session-spend")).toHaveTextContent("4 answers"));
  });
});
