import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { emit } from "@/host/fake/event";
import { id } from "@/host/fake/sample";
import { composer, openApp } from "./app";
import { violations } from "./axe";

const failure = { code: "store_busy", message: "the database is held by another", hint: "wait a moment", retryable: true, id: "" } as const;

async function openMemory(scene = "") {
  const app = openApp(scene);
  await app.user.click(await screen.findByTestId("nav-memory"));
  await screen.findByTestId("memory-screen");
  const of = (name: string) => app.world.memory.memories.find((one) => one.id === id(name));
  return { ...app, of };
}
type User = Awaited<ReturnType<typeof openMemory>>["user"];

const rows = () => screen.queryAllByTestId("memory-row");
const texts = () => rows().map((row) => row.firstElementChild?.textContent);
const row = async (text: string | RegExp) => {
  await waitFor(() => expect(rows().some((one) => one.textContent?.match(text))).toBe(true));
  return rows().find((one) => one.textContent?.match(text)) as HTMLElement;
};
async function openDetail(user: User, text: string) {
  await user.click(await row(text));
  return within(await screen.findByTestId("memory-detail"));
}
const act = async (user: User, name: string) => {
  await user.click(await screen.findByTestId("memory-acts"));
  await user.click(await screen.findByRole("menuitem", { name }));
};

describe("the memory screen", () => {
  it("lists_what_is_known_with_where_it_comes_from_since_when_and_for_whom", async () => {
    await openMemory();
    const home = await row("St James’s Square");
    expect(home).toHaveTextContent("Lives at Ockham Park");
    expect(home.querySelector("del")).toHaveTextContent("Lives at Ockham Park");
    expect(home).toHaveTextContent("a message and facts.json");
    expect(home).toHaveTextContent("only me");
    expect(await row("Mary Somerville")).toHaveTextContent("summary.md, line 3since 1834Mary Somervilleanyone");
    expect(await row("Takes tea at nine")).toHaveTextContent("which?");
    expect(await row("Turin")).toHaveTextContent("a visitor said");
    expect(texts().some((text) => text?.includes("harp"))).toBe(false);
  });

  it("counts_by_kind_on_its_tabs_and_in_the_sidebar", async () => {
    const { user } = await openMemory();
    await waitFor(() => expect(screen.getByTestId("memory-tab-semantic")).toHaveTextContent("Facts 7"));
    expect(screen.getByTestId("memory-count")).toHaveTextContent("12 memories");
    await user.click(screen.getByTestId("memory-tab-procedural"));
    await waitFor(() => expect(texts()).toEqual(["When a letter comes, answers it the same evening"]));
  });

  it("is_searched_filtered_and_cleared", async () => {
    const { user } = await openMemory();
    await user.type(await screen.findByTestId("memory-search"), "tea");
    await waitFor(() => expect(rows()).toHaveLength(2));
    await user.type(screen.getByTestId("memory-search"), "xyz");
    const none = await screen.findByTestId("memory-none");
    await user.click(within(none).getByRole("button", { name: "Clear filters" }));
    await waitFor(() => expect(rows()).toHaveLength(7));
    await user.click(screen.getByTestId("memory-contradicted"));
    await waitFor(() => expect(rows()).toHaveLength(2));
    await user.click(screen.getByTestId("memory-contradicted"));
    await user.click(screen.getByTestId("memory-who"));
    await user.type(await screen.findByTestId("memory-who-field"), "babb{Enter}");
    await waitFor(() => expect(texts()).toEqual(["Babbage cannot bear organ grinders"]));
    await user.click(screen.getByTestId("memory-clear-filters"));
    await user.click(screen.getByTestId("memory-with-ended"));
    expect((await row("harp")).querySelector("del")).toHaveTextContent("Plays the harp every morning");
    await user.click(screen.getByTestId("memory-when"));
    await user.click(await screen.findByRole("menuitemradio", { name: "Last 7 days" }));
    await waitFor(() => expect(texts().some((text) => text?.includes("harp"))).toBe(false));
  });

  it("shows_what_was_known_on_a_day_in_the_past", async () => {
    const { user } = await openMemory();
    await row("St James’s Square");
    await user.click(screen.getByTestId("as-of"));
    await user.click(await screen.findByRole("button", { name: "A week ago" }));
    expect(await screen.findByTestId("as-of-banner")).toHaveTextContent(/This is what was known on/);
    await waitFor(() => expect(texts()).toContain("Lives at Ockham Park"));
    expect(texts().some((text) => text?.includes("St James’s Square"))).toBe(false);
    await user.click(screen.getByRole("button", { name: "Back to today" }));
    await row("St James’s Square");
  });

  it("shows_a_visitor_only_what_anyone_may_hear", async () => {
    const { user } = await openMemory("?visitor");
    await user.click(screen.getByTestId("memory-tab-all"));
    await waitFor(() => expect(rows()).toHaveLength(3));
    expect(texts().some((text) => text?.includes("St James’s Square"))).toBe(false);
  });

  it("shows_more_on_request", async () => {
    const { user } = await openMemory("?memories=100");
    await waitFor(() => expect(rows()).toHaveLength(60));
    await user.click(screen.getByTestId("memory-more"));
    await waitFor(() => expect(rows()).toHaveLength(107));
    expect(screen.queryByTestId("memory-more")).not.toBeInTheDocument();
  });

  it("is_gone_through_by_keyboard_and_esc_leads_back_to_the_row", async () => {
    const { user } = await openMemory();
    (await row("Turin")).focus();
    await user.keyboard("{ArrowDown}{Enter}");
    expect(await screen.findByTestId("memory-text")).toHaveTextContent("Lives at St James’s Square");
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("memory-detail")).not.toBeInTheDocument();
    expect(await row("St James’s Square")).toHaveFocus();
    await user.keyboard("{End}");
    expect(await row("Mary Somerville")).toHaveFocus();
  });

  it("says_when_nothing_is_known_and_when_it_could_not_be_read", async () => {
    const { user, world } = await openMemory("?empty");
    expect(await screen.findByTestId("memory-empty")).toHaveTextContent("Nothing is remembered here yet");
    expect(screen.queryByTestId("memory-count")).not.toBeInTheDocument();
    world.refuse.memory_list = failure;
    await user.click(screen.getByTestId("memory-tab-episodic"));
    expect(await screen.findByTestId("memory-error")).toHaveTextContent("The database is held by another. Wait a moment.");
    world.refuse = {};
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByTestId("memory-empty");
  });

  it("takes_down_what_the_owner_writes", async () => {
    const { user, world } = await openMemory();
    await user.click(screen.getByTestId("memory-add"));
    await user.type(await screen.findByTestId("add-text"), "Keeps the Sabbath for mathematics");
    await user.click(within(screen.getByTestId("add-hear")).getByRole("radio", { name: "Anyone" }));
    await user.click(screen.getByTestId("add-save"));
    expect(await screen.findByTestId("memory-text")).toHaveTextContent("Keeps the Sabbath for mathematics");
    expect(world.memory.memories.at(-1)).toMatchObject({ kind: "semantic", audience: "visitor", sources: [{ type: "typed" }] });
    expect(await row("Sabbath")).toHaveTextContent("you wrote it");
  });
});

describe("one memory", () => {
  it("tells_how_it_came_to_be_and_leads_to_the_message", async () => {
    const { user } = await openMemory();
    const detail = await openDetail(user, "St James’s Square");
    const history = await detail.findByTestId("memory-history");
    expect(history).toHaveTextContent(/Lives at St James’s Square.*Lives at Ockham Park.*It was true until something newer was/);
    expect(detail.getByTestId("memory-used")).toHaveTextContent("Answers that were given it6");
    await user.click(detail.getAllByTestId("memory-source")[0] as HTMLElement);
    expect(await screen.findByTestId("session-title")).toHaveTextContent("What do I love, again?");
    await waitFor(() => expect(document.querySelector(`[data-message-id="${id("u1")}"]`)).toHaveAttribute("data-flash", "true"));
  });

  it("leads_to_the_line_of_the_file", async () => {
    const { user } = await openMemory();
    const detail = await openDetail(user, "St James’s Square");
    await user.click((await detail.findAllByTestId("memory-source"))[1] as HTMLElement);
    expect(await screen.findByTestId("persona-screen")).toBeInTheDocument();
    expect(screen.getByRole("region", { name: "facts.json" })).toBeInTheDocument();
  });

  it("is_kept_at_hand_and_opened_to_others_only_by_the_owner", async () => {
    const { user, of } = await openMemory();
    const detail = await openDetail(user, "St James’s Square");
    await user.click(await detail.findByTestId("memory-pin"));
    await waitFor(() => expect(of("m-home")?.pinned).toBe(true));
    await waitFor(() => expect(rows()[0]).toHaveTextContent("St James’s Square"));
    await user.click(detail.getByRole("radio", { name: "Anyone" }));
    await waitFor(() => expect(of("m-home")?.audience).toBe("visitor"));
    await waitFor(() => expect(rows()[0]).toHaveTextContent("anyone"));
    const visitors = await openDetail(user, "Turin");
    await waitFor(() => expect(visitors.getByTestId("memory-text")).toHaveTextContent("Turin"));
    expect(visitors.queryByTestId("memory-hear")).not.toBeInTheDocument();
  });

  it("is_corrected_as_an_error_or_as_a_change_and_the_old_one_stays_in_the_history", async () => {
    const { user, of } = await openMemory();
    await openDetail(user, "box of unsent letters");
    await user.click(await screen.findByTestId("memory-correct"));
    const field = await screen.findByTestId("correct-text");
    expect(screen.getByTestId("correct-save")).toBeDisabled();
    await user.clear(field);
    await user.type(field, "Burns letters that are not sent");
    await user.click(screen.getByRole("radio", { name: /It has changed/ }));
    await user.click(screen.getByTestId("correct-save"));
    await waitFor(() => expect(of("m-box")?.ending?.type).toBe("superseded"));
    await waitFor(() => expect(screen.getByTestId("memory-text")).toHaveTextContent("Burns letters that are not sent"));
    expect(screen.getByTestId("memory-history")).toHaveTextContent("Keeps a box of unsent letters in the study");
    await user.click(screen.getByTestId("memory-correct"));
    await user.type(await screen.findByTestId("correct-text"), ", on Sundays{Enter}");
    await waitFor(() => expect(screen.getByTestId("memory-history")).toHaveTextContent("It was wrong and has been corrected."));
  });

  it("is_taken_back_and_holds_again", async () => {
    const { user, of } = await openMemory();
    await openDetail(user, "box of unsent letters");
    await act(user, "It no longer holds");
    expect(await screen.findByTestId("memory-ended")).toHaveTextContent("It was taken back.");
    await user.click(await screen.findByTestId("toast-action"));
    await waitFor(() => expect(of("m-box")?.ended_at).toBeNull());
    await waitFor(() => expect(screen.queryByTestId("memory-ended")).not.toBeInTheDocument());
    await act(user, "It no longer holds");
    await user.click(await screen.findByTestId("memory-restore"));
    await waitFor(() => expect(of("m-box")?.ended_at).toBeNull());
  });

  it("that_was_never_so_is_taken_out_and_what_it_had_ended_holds_again", async () => {
    const { user } = await openMemory();
    await openDetail(user, "St James’s Square");
    await act(user, "Was never so: take it out");
    await waitFor(() => expect(texts()).toContain("Lives at Ockham Park"));
    expect(screen.queryByTestId("memory-detail")).not.toBeInTheDocument();
    await user.click(await screen.findByTestId("toast-action"));
    await row("St James’s Square");
    await waitFor(() => expect(texts()).not.toContain("Lives at Ockham Park"));
  });

  it("that_contradicts_another_is_settled_by_the_owner", async () => {
    const { user, of } = await openMemory();
    const detail = await openDetail(user, "Never takes tea");
    await user.click(await detail.findByRole("button", { name: "“Takes tea at nine, always” is true" }));
    await waitFor(() => expect(of("m-tea1")?.ending).toEqual({ type: "corrected", by: id("m-tea2") }));
    await waitFor(() => expect(screen.queryByTestId("contradiction")).not.toBeInTheDocument());
    await waitFor(() => expect(screen.queryByTestId("memory-contradicted")).not.toBeInTheDocument());
  });

  it("that_contradicts_two_which_are_true_together_leaves_both_of_them", async () => {
    const { user, world, of } = await openMemory();
    const first = of("m-tea1");
    if (first) world.memory.memories.push({ ...first, id: "third", text: "Takes tea only in the morning", contradicts: [id("m-tea2")] });
    of("m-tea2")?.contradicts.push("third");
    await user.click(screen.getByTestId("memory-contradicted"));
    const detail = await openDetail(user, "Takes tea at nine");
    await user.click(await detail.findByRole("button", { name: "“Never takes tea after six” is true" }));
    await waitFor(() => expect(of("m-tea2")?.ending?.type).toBe("corrected"));
    expect(world.memory.memories.find((one) => one.id === "third")?.ended_at).toBeNull();
  });

  it("that_was_forgotten_elsewhere_is_not_shown_on", async () => {
    const { user, world } = await openMemory();
    await openDetail(user, "box of unsent letters");
    world.memory.memories = world.memory.memories.filter(({ id: one }) => one !== id("m-box"));
    await emit("notice", { event: { type: "memory_changed" }, stale: ["memory"] });
    await waitFor(() => expect(document.body).not.toHaveTextContent("unsent letters"));
  });

  it("that_says_the_same_as_another_takes_it_up_with_its_sources", async () => {
    const { user, of } = await openMemory();
    await openDetail(user, "engine weaves");
    await act(user, "Says the same as…");
    await user.type(await screen.findByTestId("merge-field"), "somerville");
    await waitFor(() => expect(screen.getAllByTestId("merge-field-option")).toHaveLength(1));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(of("m-math")?.ending).toEqual({ type: "merged", into: id("m-loom") }));
    expect(of("m-loom")?.sources).toHaveLength(2);
  });

  it("tells_what_could_not_be_done_and_changes_nothing", async () => {
    const { user, world, of } = await openMemory();
    await openDetail(user, "St James’s Square");
    world.refuse.memory_pin = failure;
    await user.click(await screen.findByTestId("memory-pin"));
    expect(await screen.findByTestId("toast")).toHaveTextContent("The database is held by another. Wait a moment.");
    expect(of("m-home")?.pinned).toBe(false);
  });

  it("no_violation_in_list_detail_and_dialogs", async () => {
    const { user } = await openMemory();
    await openDetail(user, "Never takes tea");
    await screen.findByTestId("contradiction");
    expect(await violations()).toEqual([]);
    await user.click(screen.getByTestId("memory-correct"));
    await screen.findByTestId("correct-dialog");
    expect(await violations()).toEqual([]);
    await user.keyboard("{Escape}");
    await user.click(screen.getByTestId("memory-forget"));
    await screen.findByTestId("forget-plan");
    expect(await violations()).toEqual([]);
  });
});

describe("ways to the memory", () => {
  it("the_palette_goes_to_its_parts_and_searches_it", async () => {
    const { user } = openApp();
    await composer();
    await user.keyboard("{Control>}k{/Control}");
    await waitFor(() => expect(screen.getByTestId("palette-field")).toHaveFocus());
    await user.keyboard("organ grinders");
    await user.click(await screen.findByText("Search memory for “organ grinders”"));
    await waitFor(() => expect(texts()).toEqual(["Babbage cannot bear organ grinders"]));
    await user.keyboard("{Control>}k{/Control}");
    await waitFor(() => expect(screen.getByTestId("palette-field")).toHaveFocus());
    await user.keyboard("contradictions{Enter}");
    await waitFor(() => expect(rows()).toHaveLength(2));
    await user.keyboard("{Control>}k{/Control}");
    await waitFor(() => expect(screen.getByTestId("palette-field")).toHaveFocus());
    await user.keyboard("remember something{Enter}");
    await screen.findByTestId("add-dialog");
  });
});
