import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { answers, openApp, openChat, row } from "./app";
import { violations } from "./axe";

const marks = () => screen.findAllByTestId("claim-mark");
const shown = async () => (await marks()).map((mark) => mark.dataset.mark);

async function opened(scene = "") {
  const app = openApp(scene);
  await openChat(app.user, "What do I love, again?");
  return app;
}

describe("where an answer's statements come from", () => {
  it("is_marked_by_numbers_that_are_the_same_for_the_same_source_and_a_question_mark_for_a_guess", async () => {
    await opened();
    expect(await shown()).toEqual(["1", "1,2", "?"]);
    const [first, , guess] = await marks();
    expect(first).toHaveAccessibleName(/^Where this comes from: you said · .* · in “What do I love, again\?”$/);
    expect(guess).toHaveAccessibleName("A guess: nothing that is known says this");
  });

  it("is_no_text_that_is_found_selected_or_copied", async () => {
    const { user } = await opened();
    await marks();
    const answer = answers().at(-1) as HTMLElement;
    expect(answer).toHaveTextContent("You are Fred, and you told me that you love Python. You spoke of Nimbus and Vesper with");
    const write = vi.spyOn(navigator.clipboard, "writeText");
    await user.click(within(answer).getAllByRole("button", { name: "Copy" }).at(-1) as HTMLElement);
    expect(write).toHaveBeenCalledWith(expect.stringContaining("You are **Fred**, and you told me that you love **Python**. You"));
  });

  it("opens_with_the_words_that_say_it_and_leads_there_by_keyboard", async () => {
    const { user } = await opened();
    const [, second] = await marks();
    second?.focus();
    await user.keyboard("{Enter}");
    const claim = within(await screen.findByTestId("claim"));
    const sources = claim.getAllByTestId("claim-source");
    expect(sources.map((source) => source.dataset.source)).toEqual(["message", "memory"]);
    expect(sources[0]).toHaveTextContent(/^1My name is Fred and I love Python\.you said/);
    expect(await violations(screen.getByTestId("claim"))).toEqual([]);
    await user.click(sources[1] as HTMLElement);
    expect(screen.queryByTestId("claim")).toBeNull();
    await waitFor(() => expect(screen.getByTestId("memory-detail")).toHaveTextContent("Fred loves Python"));
  });

  it("says_of_a_guess_that_nothing_says_it_and_esc_goes_back_to_the_mark", async () => {
    const { user } = await opened();
    const guess = (await marks())[2] as HTMLElement;
    await user.click(guess);
    expect(await screen.findByTestId("claim")).toHaveTextContent(/^A guessNothing says this: not your files/);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(guess).toHaveFocus());
  });

  it("is_not_marked_where_the_owner_does_not_want_it", async () => {
    const { user, world } = openApp();
    world.settings.provenance_marks = false;
    await user.click(await row("What do I love, again?"));
    await waitFor(() => expect(answers().at(-1)).toHaveTextContent("You are Fred"));
    expect(screen.queryByTestId("claim-mark")).toBeNull();
    expect(world.calls.map(({ name }) => name)).not.toContain("context_claims");
  });
});
