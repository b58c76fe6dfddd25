import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { costInWords } from "@/features/settings/cost";
import { openSettings } from "./settings";

type Opened = Awaited<ReturnType<typeof openSettings>>;

async function add(user: Opened["user"], search: string) {
  await user.click(await screen.findByTestId("fallback-add"));
  await user.type(screen.getByTestId("fallback-add"), search);
  await user.keyboard("{Enter}");
}

describe("answering", () => {
  it("the_default_model_is_found_among_all_and_holds_at_once", async () => {
    const { user, world } = await openSettings("", "answering");
    const field = await screen.findByTestId("default-model");
    await waitFor(() => expect(field).toHaveValue("Claude Sonnet 4.5"));
    await user.click(field);
    // What names the choice is selected, so that typing searches for another.
    await user.keyboard("gemma");
    await user.click(await screen.findByRole("option", { name: "gemma3:12b" }));
    await waitFor(() => expect(world.settings.model).toMatchObject({ provider: "openai", id: "gemma3:12b" }));
  });

  it("what_was_only_typed_chooses_nothing", async () => {
    const { user, world } = await openSettings("", "answering");
    const field = await screen.findByTestId("default-model");
    await waitFor(() => expect(field).toHaveValue("Claude Sonnet 4.5"));
    const before = world.settings.model;
    await user.click(field);
    await user.keyboard("no such thing");
    expect(await screen.findByText("Nothing in the list fits.")).toBeInTheDocument();
    await user.tab();
    expect(field).toHaveValue("Claude Sonnet 4.5");
    expect(world.settings.model).toEqual(before);
  });

  it("thinking_and_looking_into_memory_are_kept", async () => {
    const { user, world } = await openSettings("", "answering");
    await user.click(within(await screen.findByTestId("effort")).getByRole("radio", { name: "High" }));
    await user.click(screen.getByTestId("recall-tool"));
    await user.click(screen.getByTestId("provenance-marks"));
    await waitFor(() => expect(world.settings).toMatchObject({ effort: "high", recall_tool: false, provenance_marks: false }));
  });

  it("a_setting_that_cannot_be_kept_goes_back_and_says_so", async () => {
    const { user, world } = await openSettings("", "answering");
    world.refuse.settings_save = { code: "store_full", message: "the disk is full", hint: "free some space", retryable: true, id: "" };
    await user.click(await screen.findByTestId("recall-tool"));
    expect(await screen.findByTestId("toast")).toHaveTextContent("The disk is full.");
    expect(screen.getByTestId("recall-tool")).toBeChecked();
  });

  it("fallbacks_are_put_in_order_by_keyboard_and_say_where_the_conversation_goes", async () => {
    const { user, world } = await openSettings("", "answering");
    const order = () => world.settings.fallback.map(({ id }) => id);
    expect(await screen.findByText(/^No other model is listed/)).toBeInTheDocument();
    await add(user, "haiku 4.5");
    await add(user, "llama3.2");
    await waitFor(() => expect(order()).toEqual(["eu.anthropic.claude-haiku-4-5-20251001-v1:0", "llama3.2"]));
    // The model in use and those in the list are not offered again.
    await user.click(screen.getByTestId("fallback-add"));
    expect(screen.queryByRole("option", { name: /Claude Haiku 4.5|Claude Sonnet/ })).not.toBeInTheDocument();
    await user.keyboard("{Escape}");

    await user.click(screen.getByRole("button", { name: "Move llama3.2 up" }));
    await waitFor(() => expect(order()[0]).toBe("llama3.2"));
    expect(screen.getByText("llama3.2 is now 1 of 2")).toBeInTheDocument();
    // At the top there is no further up: the focus goes where something can be done.
    await waitFor(() => expect(screen.getByRole("button", { name: "Move llama3.2 down" })).toHaveFocus());
    await user.keyboard("{Alt>}{ArrowDown}{/Alt}");
    await waitFor(() => expect(order()[1]).toBe("llama3.2"));

    await user.click(screen.getByRole("button", { name: "Remove llama3.2" }));
    await waitFor(() => expect(order()).toHaveLength(1));
    expect(screen.getByText(/is then sent to that provider without asking you/)).toBeInTheDocument();
    expect(world.settings.fallback_by_itself).toBe(false);
    await user.click(screen.getByTestId("fallback-by-itself"));
    await waitFor(() => expect(world.settings.fallback_by_itself).toBe(true));
  });

  it("a_list_that_could_not_be_had_is_named", async () => {
    await openSettings("?model=offline&catalogue=problems", "answering");
    expect(await screen.findByTestId("list-missing")).toHaveTextContent("ollama");
  });

  it("what_models_refused_can_be_forgotten", async () => {
    const { user, world } = await openSettings("", "answering");
    await user.click(await screen.findByTestId("lessons-forget"));
    expect(await screen.findByTestId("toast")).toHaveTextContent("Everything is tried again.");
    expect(world.calls.some(({ name }) => name === "lessons_forget")).toBe(true);
  });
});

describe("usage and cost", () => {
  it("cached_tokens_stand_apart_and_an_unknown_price_is_not_nothing", async () => {
    const { user } = await openSettings("", "usage");
    const [month, october] = await screen.findAllByTestId("usage-month");
    if (!month || !october) throw new Error("the fake has months");
    expect(month).toHaveTextContent("November 2026");
    expect(month).toHaveTextContent("at least $4.38");
    expect(month).toHaveTextContent("3 answers without a known price");
    const rows = within(month).getAllByTestId("usage-model");
    expect(rows.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent))).toEqual([
      ["604,120", "71,930", "1,204,000", "88,120", "96", "$4.34"],
      ["184,300", "12,180", "–", "–", "21", "$0.0410"],
      ["4,020", "1,100", "–", "–", "3", "unknown"],
      ["20,000", "11,000", "–", "–", "31", "free"],
    ]);
    expect(october).not.toHaveAttribute("open");
    await user.click(within(october).getByText("October 2026"));
    expect(october).toHaveAttribute("open");
  });

  it.each([
    [0.004, 0, "$0.0040"],
    [0.00001, 0, "less than $0.0001"],
    [1234.5, 0, "$1,234.50"],
    [0, 2, "unknown"],
    [0.00001, 2, "unknown"],
    [4.2, 2, "at least $4.20"],
    [0, 0, "free"],
    [null, 2, "unknown"],
  ])("%s dollars with %d unpriced read %s", (dollars, unpriced, text) => {
    const usage = { input: 1, output: 1, cache_read: 0, cache_write: 0 };
    expect(costInWords({ usage, dollars, unpriced, answers: 3 })).toBe(text);
  });

  it("nothing_used_yet_is_said", async () => {
    const { models, user } = await openSettings();
    models.months = [];
    await user.click(screen.getByTestId("settings-usage"));
    expect(await screen.findByTestId("usage-empty")).toHaveTextContent("Nothing was used yet");
  });

  it("prices_say_where_they_come_from_and_what_is_wrong_with_them", async () => {
    const { models, user, world } = await openSettings();
    models.prices.problem = { line: 12, column: 3, message: "a number is expected", hint: "write one" };
    await user.click(screen.getByTestId("settings-usage"));
    expect(await screen.findByTestId("prices-problem")).toHaveTextContent("Line 12: A number is expected. Write one.");
    expect(screen.getByTestId("prices")).toHaveTextContent("came with the program, as of 3 November 2026");
    await user.click(screen.getByTestId("prices-edit"));
    await waitFor(() => expect(world.calls.some(({ name }) => name === "price_open")).toBe(true));
  });
});
