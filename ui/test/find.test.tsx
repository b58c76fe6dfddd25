import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { id } from "@/host/fake/sample";
import { answers, composer, openApp, openChat } from "./app";
import { violations } from "./axe";

// What jsdom does not draw: the ranges that would be marked, by name.
const painted = new Map<string, { ranges: Range[] }>();
beforeEach(() => {
  painted.clear();
  vi.stubGlobal(
    "Highlight",
    class {
      ranges: Range[];
      constructor(...ranges: Range[]) {
        this.ranges = ranges;
      }
    },
  );
  Object.assign(CSS, { highlights: painted });
});
const marked = (name: string) => painted.get(name)?.ranges.map(String) ?? [];

type User = { keyboard: (keys: string) => Promise<void> };
async function openFind(user: User) {
  await composer();
  await user.keyboard("{Control>}{Shift>}f{/Shift}{/Control}");
  return await screen.findByTestId("find-field");
}
const hits = () => screen.queryAllByTestId("find-hit");
const failure = { code: "store_busy", message: "the database is held by another", hint: "wait a moment", retryable: true, id: "" } as const;

describe("finding in all messages", () => {
  it("finds_as_one_types_newest_first_and_says_where_who_and_when", async () => {
    const { user } = openApp();
    await user.type(await openFind(user), "engine");
    await waitFor(() => expect(hits()).toHaveLength(4));
    expect(hits()[0]).toHaveTextContent("Notes on the Bernoulli programme");
    expect(hits()[0]).toHaveTextContent("Ada");
    expect(hits()[1]).toHaveTextContent("You");
    expect(hits()[0]?.querySelector("time")).toHaveAttribute("dateTime");
    expect(hits()[0]?.querySelector("mark")).toHaveTextContent("engine");
    expect(screen.getByTestId("find-status")).toHaveTextContent("4 messages");
    await user.click(screen.getByTestId("find-order"));
    await user.click(await screen.findByRole("menuitemradio", { name: "Best fit" }));
    await waitFor(() => expect(hits()[0]).toHaveTextContent("Note G"));
  });

  it("what_was_said_is_text_and_never_markup", async () => {
    const { user, world } = openApp();
    const message = world.messages.find((one) => one.id === id("m1"));
    if (message) message.content = "engine <img src=x onerror=alert(1)> <mark>no</mark>";
    await user.type(await openFind(user), "onerror");
    await waitFor(() => expect(hits()).toHaveLength(1));
    expect(hits()[0]).toHaveTextContent("<img src=x onerror=alert(1)> <mark>no</mark>");
    expect(hits()[0]?.querySelector("img")).toBeNull();
    expect([...(hits()[0]?.querySelectorAll("mark") ?? [])].map((mark) => mark.textContent)).toEqual(["onerror"]);
  });

  it("hits_stay_until_there_are_others_and_an_answer_that_comes_too_late_is_dropped", async () => {
    const { user, world } = openApp();
    const field = await openFind(user);
    await user.type(field, "engine");
    await waitFor(() => expect(hits()).toHaveLength(4));
    const gates: (() => void)[] = [];
    world.latency = () => new Promise((done) => gates.push(done));
    await user.type(field, " m");
    await waitFor(() => expect(gates.length).toBeGreaterThan(0));
    expect(hits()).toHaveLength(4);
    const late = gates.splice(0);
    await user.clear(field);
    await user.type(field, "comedy");
    await waitFor(() => expect(world.calls.at(-1)?.args.query).toMatchObject({ text: "comedy" }));
    for (const open of gates) open();
    await waitFor(() => expect(hits()).toHaveLength(1));
    for (const open of late) open();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    expect(hits()).toHaveLength(1);
    expect(hits()[0]).toHaveTextContent("comedy");
  });

  it("filters_narrow_and_are_cleared_at_once", async () => {
    const { user, world } = openApp();
    await user.type(await openFind(user), "engine");
    await waitFor(() => expect(hits()).toHaveLength(4));
    await user.click(screen.getByTestId("find-who"));
    await user.click(await screen.findByRole("menuitemradio", { name: "You" }));
    await waitFor(() => expect(hits()).toHaveLength(2));
    await user.click(screen.getByTestId("find-chat"));
    await user.type(await screen.findByTestId("find-chat-field"), "a mind{Enter}");
    await waitFor(() => expect(hits()).toHaveLength(1));
    await user.click(screen.getByTestId("find-when"));
    await user.click(await screen.findByRole("menuitemradio", { name: "Today" }));
    const none = await screen.findByTestId("find-none");
    expect(none).toHaveTextContent("Perhaps it is outside of the filters.");
    await user.click(within(none).getByRole("button", { name: "Clear filters" }));
    await waitFor(() => expect(hits()).toHaveLength(4));
    await user.click(screen.getByTestId("find-when"));
    await user.click(await screen.findByRole("menuitemradio", { name: "Own dates" }));
    const yesterday = new Date(Date.now() - 86_400_000);
    const day = [yesterday.getFullYear(), yesterday.getMonth() + 1, yesterday.getDate()]
      .map((part) => `${part}`.padStart(2, "0"))
      .join("-");
    await user.type(screen.getByTestId("find-from"), day);
    await user.type(screen.getByTestId("find-to"), day);
    await waitFor(() => expect(hits()).toHaveLength(1));
    expect(hits()[0]).toHaveTextContent("Is the engine a mind?");
    expect(world.calls.filter(({ name }) => name === "message_find").length).toBeGreaterThan(5);
  });

  it("opens_a_hit_by_keyboard_with_its_words_marked_and_comes_back_to_what_was_found", async () => {
    const { user } = openApp();
    await user.type(await openFind(user), "engine");
    await waitFor(() => expect(hits()).toHaveLength(4));
    await user.keyboard("{ArrowDown}");
    expect(hits()[1]).toHaveAttribute("aria-selected", "true");
    await user.keyboard("{Enter}");
    expect(await screen.findByTestId("session-title")).toHaveTextContent("Notes on the Bernoulli programme");
    await waitFor(() => expect(marked("found")).toEqual(["engine"]));
    await user.keyboard("{Control>}{Shift>}f{/Shift}{/Control}");
    expect(await screen.findByTestId("find-field")).toHaveValue("engine");
    await waitFor(() => expect(hits()[1]).toHaveAttribute("aria-selected", "true"));
    expect(marked("found")).toEqual([]);
  });

  it("enter_opens_what_was_typed_and_not_what_was_found_before", async () => {
    const { user, world } = openApp();
    const field = await openFind(user);
    await user.type(field, "engine");
    await waitFor(() => expect(hits()).toHaveLength(4));
    const gates: (() => void)[] = [];
    world.latency = () => new Promise((done) => gates.push(done));
    await user.clear(field);
    await user.type(field, "comedy{Enter}");
    expect(screen.getByTestId("find-screen")).toBeInTheDocument();
    await waitFor(() => expect(world.calls.at(-1)?.args.query).toMatchObject({ text: "comedy" }));
    world.latency = () => Promise.resolve();
    for (const open of gates) open();
    expect(await screen.findByTestId("session-title")).toHaveTextContent("What do I love, again?");
  });

  it("esc_goes_back_to_where_one_was", async () => {
    const { user } = openApp();
    await user.click(await screen.findByTestId("open-settings"));
    await user.keyboard("{Control>}{Shift>}f{/Shift}{/Control}");
    await user.type(await screen.findByTestId("find-field"), "engine{Escape}");
    expect(await screen.findByTestId("settings-screen")).toBeInTheDocument();
  });

  it("more_are_shown_on_request_and_a_failure_is_told_and_tried_again", async () => {
    const { user, world } = openApp();
    const [first] = world.messages;
    if (first) world.messages.push(...Array.from({ length: 60 }, (_, at) => ({ ...first, id: `more-${at}`, content: `spinning ${at}` })));
    const field = await openFind(user);
    await user.type(field, "spinning");
    await waitFor(() => expect(hits()).toHaveLength(40));
    await waitFor(() => expect(screen.getByTestId("find-status")).toHaveTextContent("The first 40 messages"));
    await user.click(screen.getByTestId("find-more"));
    await waitFor(() => expect(hits()).toHaveLength(60));
    world.refuse.message_find = failure;
    await user.type(field, "s");
    expect(await screen.findByTestId("find-error")).toHaveTextContent("The database is held by another. Wait a moment.");
    world.refuse = {};
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(hits()).toHaveLength(40));
  });

  it("no_violation_with_and_without_hits", async () => {
    const { user } = openApp();
    const field = await openFind(user);
    expect(await violations()).toEqual([]);
    await user.type(field, "engine");
    await waitFor(() => expect(hits()).toHaveLength(4));
    expect(await violations()).toEqual([]);
    await user.type(field, "xyz");
    await screen.findByTestId("find-none");
    expect(await violations()).toEqual([]);
  });
});

describe("finding in one conversation", () => {
  it("goes_from_hit_to_hit_marks_them_and_leaves_no_trace", async () => {
    const { user } = openApp();
    await openChat(user, "Notes on the Bernoulli programme");
    await user.keyboard("{Control>}f{/Control}");
    await user.type(await screen.findByTestId("find-bar-field"), "engine");
    const status = screen.getByTestId("find-bar-status");
    // Nothing is laid out here, so nothing is in view: it begins with the newest.
    await waitFor(() => expect(status).toHaveTextContent("3 of 3"));
    await waitFor(() => expect(marked("found-now")).toEqual(["engine"]));
    await waitFor(() => expect(marked("found")).toEqual(["engine", "engine", "engine"]));
    await user.keyboard("{Enter}");
    expect(status).toHaveTextContent("1 of 3");
    await waitFor(() => expect(marked("found-now")).toHaveLength(2));
    await user.keyboard("{F3}");
    expect(status).toHaveTextContent("2 of 3");
    await user.keyboard("{Shift>}{Enter}{/Shift}");
    expect(status).toHaveTextContent("1 of 3");
    expect(screen.getByTestId("find-bar-field")).toHaveFocus();
    expect(await violations()).toEqual([]);
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("find-bar")).not.toBeInTheDocument();
    expect(screen.getByTestId("composer")).toHaveFocus();
    await waitFor(() => expect(marked("found-now")).toEqual([]));
  });

  it("typing_does_not_change_the_branch_and_going_to_a_hit_does", async () => {
    const { user, world } = openApp();
    const message = world.messages.find((one) => one.id === id("a2b"));
    if (message) message.content = "You are Fred.";
    await openChat(user, "What do I love, again?");
    await user.keyboard("{Control>}f{/Control}");
    await user.type(await screen.findByTestId("find-bar-field"), '"Fred, and Python"');
    await waitFor(() => expect(screen.getByTestId("find-bar-status")).toHaveTextContent("0 of 1"));
    const asked = () => world.calls.some(({ args }) => JSON.stringify(args.place ?? "").includes(id("a2a")));
    await waitFor(() => expect(asked()).toBe(true));
    const shows = () => world.calls.filter(({ name }) => name === "session_show");
    expect(answers().at(-1)).not.toHaveTextContent("Fred, and Python.");
    expect(shows()).toHaveLength(0);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveTextContent("Fred, and Python."));
    expect(shows()).toHaveLength(1);
    expect(screen.getByTestId("find-bar-status")).toHaveTextContent("1 of 1");
  });

  it("says_when_there_is_none_and_looks_in_this_conversation_only", async () => {
    const { user, world } = openApp();
    await openChat(user, "Notes on the Bernoulli programme");
    await user.keyboard("{Control>}f{/Control}");
    await user.type(await screen.findByTestId("find-bar-field"), "hounds");
    await waitFor(() => expect(screen.getByTestId("find-bar-status")).toHaveTextContent("No hits"));
    const asked = world.calls.filter(({ name }) => name === "message_find").at(-1)?.args.query;
    expect(asked).toMatchObject({ session: id("notes"), order: "oldest" });
  });

  it("there_is_nothing_to_find_in_a_new_chat", async () => {
    const { user } = openApp();
    await composer();
    await user.keyboard("{Control>}f{/Control}");
    expect(screen.queryByTestId("find-bar")).not.toBeInTheDocument();
  });
});
