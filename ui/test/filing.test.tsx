import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import type userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { WireError } from "@/bindings";
import { emit } from "@/host/fake/event";
import { id } from "@/host/fake/sample";
import { answers, composer, openApp, openChat, row } from "./app";
import { violations } from "./axe";

type User = ReturnType<typeof userEvent.setup>;

const readOnly: WireError = { code: "store_read_only", message: "the folder cannot be written", hint: "", retryable: false, id: "" };
const stored = (world: ReturnType<typeof openApp>["world"], name: string) => world.sessions.find((one) => one.id === id(name));
const item = async (title: string) => (await row(title)).closest("[data-testid=session-item]") as HTMLElement;
const titles = () => screen.getAllByTestId("session-item").map((one) => one.querySelector("[dir=auto]")?.textContent);
const gone = (title: string) => waitFor(() => expect(screen.queryByRole("button", { name: title })).not.toBeInTheDocument());
const box = (title: string) => screen.findByRole("checkbox", { name: new RegExp(`^${title}`) });

async function fromMenu(user: User, title: string, entry: RegExp) {
  await user.click(await screen.findByRole("button", { name: `More for “${title}”` }));
  await user.click(within(await screen.findByRole("menu")).getByRole("menuitem", { name: entry }));
}

describe("pinned chats", () => {
  it("stand_on_top_and_the_focus_goes_with_them", async () => {
    const { user, world } = openApp();
    (await row("Horses and probability")).focus();
    await user.keyboard("p");
    await waitFor(() => expect(titles()[0]).toBe("Horses and probability"));
    expect(screen.getAllByRole("heading", { level: 3 })[0]).toHaveTextContent("Pinned");
    await waitFor(async () => expect(await row("Horses and probability")).toHaveFocus());
    await waitFor(() => expect(stored(world, "horse")?.pinned).toBe(true));
    await fromMenu(user, "Horses and probability", /Unpin/);
    await waitFor(() => expect(screen.queryByText("Pinned")).not.toBeInTheDocument());
  });
});

describe("archived chats", () => {
  it("leave_the_list_and_are_put_back_by_undo_and_from_their_own_view", async () => {
    const { user, world } = openApp();
    (await row("Horses and probability")).focus();
    await user.keyboard("e");
    await gone("Horses and probability");
    expect(await screen.findByTestId("toast")).toHaveTextContent("Archived “Horses and probability”");
    await user.click(screen.getByTestId("toast-action"));
    await row("Horses and probability");
    await waitFor(() => expect(stored(world, "horse")?.archived).toBe(false));

    await fromMenu(user, "Horses and probability", /Archive/);
    await user.click(await screen.findByRole("button", { name: "Archived (1)" }));
    expect(titles()).toEqual(["Horses and probability"]);
    await fromMenu(user, "Horses and probability", /Put back/);
    expect(await screen.findByTestId("sessions-empty")).toHaveTextContent("Nothing is archived");
    await user.click(screen.getByTestId("archived-back"));
    await row("Horses and probability");
    expect(screen.queryByTestId("show-archived")).not.toBeInTheDocument();
  });

  it("say_so_when_they_are_open_and_can_be_put_back_there", async () => {
    const { user, world } = openApp();
    await openChat(user, "Notes on the Bernoulli programme");
    expect(screen.queryByTestId("archived-notice")).not.toBeInTheDocument();
    await fromMenu(user, "Notes on the Bernoulli programme", /Archive/);
    const notice = within(await screen.findByTestId("archived-notice"));
    expect(screen.getByTestId("session-title")).toHaveTextContent("Notes on the Bernoulli programme");
    await user.click(notice.getByRole("button", { name: "Put back" }));
    await row("Notes on the Bernoulli programme");
    await waitFor(() => expect(stored(world, "notes")?.archived).toBe(false));
    expect(screen.queryByTestId("archived-notice")).not.toBeInTheDocument();
  });

  it("stay_where_they_were_when_the_program_refuses", async () => {
    const { user, world } = openApp();
    world.refuse.session_change = readOnly;
    (await row("Horses and probability")).focus();
    await user.keyboard("e");
    expect(await screen.findByTestId("toast")).toHaveTextContent("The folder cannot be written.");
    await row("Horses and probability");
    expect(screen.queryByTestId("toast-action")).not.toBeInTheDocument();
  });
});

describe("tags", () => {
  it("are_made_found_by_their_beginning_and_taken_off", async () => {
    const { user, world } = openApp();
    await fromMenu(user, "Horses and probability", /Tags/);
    expect(await screen.findByText("No tags yet. Type the first one.")).toBeInTheDocument();
    await user.keyboard("Letters{Enter}");
    await waitFor(() => expect(stored(world, "horse")?.tags).toEqual(["Letters"]));
    await user.click(screen.getByRole("button", { name: "Done" }));
    expect(await item("Horses and probability Letters")).toHaveTextContent("Letters");

    await fromMenu(user, "What did Somerville teach me?", /Tags/);
    await user.type(await screen.findByTestId("tag-field"), "lett");
    expect(screen.getAllByTestId("tag-option").map((one) => one.textContent)).toEqual(["Letters1 chat", "New tag “lett”"]);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(stored(world, "somer")?.tags).toEqual(["Letters"]));
    await user.type(screen.getByTestId("tag-field"), "LETTERS");
    expect(screen.getAllByTestId("tag-option")).toHaveLength(1);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(stored(world, "somer")?.tags).toEqual([]));
  });

  it("narrow_the_list_and_let_go_of_it_when_no_chat_has_the_tag", async () => {
    const { user, world } = openApp("?filed");
    await user.click(await screen.findByTestId("tag-filter"));
    await user.click(await screen.findByRole("menuitem", { name: /^music/ }));
    expect(titles()).toEqual(["Poetical science, and why not", "Horses and probability"]);
    // What all of them have need not be said by each.
    expect(await item("Horses and probability Analytical Engine")).not.toHaveTextContent("music");
    for (const session of world.sessions) session.tags = session.tags.filter((tag) => tag !== "music");
    await act(() => emit("notice", { event: { type: "sessions_changed" }, stale: ["sessions"] }));
    await waitFor(() => expect(titles().length).toBeGreaterThan(2));
  });
});

describe("several chats", () => {
  it("are_selected_by_click_with_ctrl_and_shift_and_counted_aloud", async () => {
    const { user } = openApp();
    const click = async (title: string, how: object) => fireEvent.click(await screen.findByText(title), how);
    await click("Notes on the Bernoulli programme", { ctrlKey: true });
    expect(screen.getByTestId("selection-count")).toHaveTextContent("1 chat selected");
    await click("Poetical science, and why not", { shiftKey: true });
    expect(screen.getByTestId("selection-count")).toHaveTextContent("5 chats selected");
    await click("Letter to Babbage, second draft", { shiftKey: true });
    expect(screen.getByTestId("selection-count")).toHaveTextContent("2 chats selected");
    expect(await box("Letter to Babbage")).toBeChecked();
    expect(await box("Is the engine a mind")).not.toBeChecked();
    // While one selects, a plain click selects too and opens nothing.
    await click("Letter to Babbage, second draft", {});
    await click("Notes on the Bernoulli programme", {});
    expect(screen.queryByTestId("selection-bar")).not.toBeInTheDocument();
    expect(screen.getByTestId("session-title")).toHaveTextContent("New chat");
    await user.click(await row("Horses and probability"));
    await waitFor(() => expect(screen.getByTestId("session-title")).toHaveTextContent("Horses and probability"));
  });

  it("are_selected_by_keys_alone", async () => {
    const { user } = openApp();
    await fromMenu(user, "Horses and probability", /Select/);
    await waitFor(async () => expect(await box("Horses and probability")).toHaveFocus());
    await user.keyboard("{ArrowUp} ");
    expect(screen.getByTestId("selection-count")).toHaveTextContent("2 chats selected");
    await user.keyboard("{Shift>}{ArrowUp}{/Shift}");
    expect(screen.getByTestId("selection-count")).toHaveTextContent("3 chats selected");
    await user.keyboard("{Control>}a{/Control}");
    expect(screen.getByTestId("selection-count")).toHaveTextContent("9 chats selected");
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("selection-bar")).not.toBeInTheDocument();
    expect(screen.getByTestId("selection-count")).toBeEmptyDOMElement();
  });

  it("are_deleted_together_and_undo_brings_back_exactly_those", async () => {
    const { user, world } = openApp();
    world.deleted.add(id("flying"));
    for (const title of ["Horses and probability", "Plan for the week in Surrey"])
      fireEvent.click(await screen.findByText(title), { ctrlKey: true });
    await user.click(screen.getByTestId("selection-delete"));
    expect(await screen.findByTestId("toast")).toHaveTextContent("Deleted 2 chats");
    expect(titles()).not.toContain("Horses and probability");
    expect(world.calls.filter((call) => call.name === "session_change")).toHaveLength(1);
    await user.click(screen.getByTestId("toast-action"));
    await row("Horses and probability");
    await row("Plan for the week in Surrey");
    await waitFor(() => expect([...world.deleted]).toEqual([id("flying")]));
  });

  it("each_deletion_keeps_its_own_undo", async () => {
    const { user, world } = openApp();
    for (const pair of [
      ["Horses and probability", "Plan for the week in Surrey"],
      ["Is the engine a mind?", "Poetical science, and why not"],
    ]) {
      for (const title of pair) fireEvent.click(await screen.findByText(title), { ctrlKey: true });
      await user.click(screen.getByTestId("selection-delete"));
      await gone(pair[0] ?? "");
    }
    expect(await screen.findAllByTestId("toast-action")).toHaveLength(2);
    for (const undo of screen.getAllByTestId("toast-action")) await user.click(undo);
    await waitFor(() => expect(world.deleted.size).toBe(0));
  });

  it("get_a_tag_together_and_it_says_how_many_have_it", async () => {
    const { user, world } = openApp("?filed");
    for (const title of ["Horses and probability", "What did Somerville teach me?"])
      fireEvent.click(await screen.findByText(title), { ctrlKey: true });
    await user.click(screen.getByTestId("selection-tag"));
    const option = () => screen.findByRole("option", { name: /music/ });
    expect(await option()).toHaveTextContent("on 1 of 2");
    await user.click(await option());
    await waitFor(() => expect(stored(world, "somer")?.tags).toContain("music"));
    expect(await option()).toHaveAttribute("aria-selected", "true");
    await user.click(screen.getByRole("button", { name: "Done" }));
    expect(screen.getByTestId("selection-count")).toHaveTextContent("2 chats selected");
  });
});

describe("a title that comes by itself", () => {
  const arrives = async (world: ReturnType<typeof openApp>["world"]) => {
    Object.assign(stored(world, "horse") ?? {}, { title: "Odds on horses", title_by: "model" });
    await act(() => emit("notice", { event: { type: "sessions_changed" }, stale: ["sessions"] }));
  };

  it("is_shown_in_the_list_and_the_header", async () => {
    const { user, world } = openApp();
    await user.click(await row("Horses and probability"));
    await arrives(world);
    await row("Odds on horses");
    expect(screen.getByTestId("session-title")).toHaveTextContent("Odds on horses");
  });

  it("does_not_disturb_one_who_is_writing_another_nor_is_undone_by_leaving_the_field", async () => {
    const { user, world } = openApp();
    (await row("Horses and probability")).focus();
    await user.keyboard("{F2}");
    const field = await screen.findByRole("textbox", { name: "Title of the chat" });
    await arrives(world);
    await waitFor(() => expect(world.calls.filter((call) => call.name === "session_list").length).toBeGreaterThan(1));
    expect(field).toHaveValue("Horses and probability");
    await user.keyboard("{Enter}");
    await row("Odds on horses");
    expect(world.calls.some((call) => call.name === "session_rename")).toBe(false);
  });
});

describe("a temporary chat", () => {
  const say = async (user: User) => {
    await user.click(await screen.findByTestId("temporary-chat"));
    await user.type(await composer(), "Between us{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
  };

  it("says_what_it_is_and_is_in_no_list_and_on_no_disk", async () => {
    const { user, world } = openApp();
    await composer();
    const before = JSON.stringify(localStorage);
    await say(user);
    expect(screen.getByTestId("session-title")).toHaveTextContent("Temporary chat");
    expect(screen.getByTestId("temporary-banner")).toHaveTextContent(
      "Stored nowhere, and gone when you leave it. It still reads your persona and memory. Its cost is not counted in Usage.",
    );
    expect(world.calls.find((call) => call.name === "chat_send")?.args).toMatchObject({ request: { temporary: true, session_id: null } });
    expect(screen.queryByRole("button", { name: "Between us" })).not.toBeInTheDocument();
    await user.type(await composer(), "half a thought");
    expect(JSON.stringify(localStorage)).toBe(before);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(answers()).toHaveLength(2));
    expect(new Set(world.messages.filter((one) => one.content === "half a thought").map((one) => one.session_id)).size).toBe(1);
  });

  it("asks_once_before_it_is_given_up_and_then_nothing_stays", async () => {
    const { user, world } = openApp();
    await say(user);
    await user.click(await row("Horses and probability"));
    const dialog = within(await screen.findByTestId("give-up"));
    await user.click(dialog.getByRole("button", { name: "Cancel" }));
    expect(answers()).toHaveLength(1);
    await user.click(screen.getByTestId("open-settings"));
    await user.click(await screen.findByTestId("nav-chat"));
    await waitFor(() => expect(answers()).toHaveLength(1));
    await user.click(await row("Horses and probability"));
    await user.click(await screen.findByTestId("give-up-yes"));
    await waitFor(() => expect(world.sessions.some((one) => one.temporary)).toBe(false));
    expect(await screen.findByTestId("session-title")).toHaveTextContent("Horses and probability");
    expect(screen.queryByTestId("temporary-banner")).not.toBeInTheDocument();
  });

  it("writes_down_nothing_of_a_message_that_is_being_changed", async () => {
    const { user } = openApp();
    await user.click(await screen.findByTestId("temporary-chat"));
    await user.type(await composer(), "Between us{Enter}");
    await waitFor(() => expect(answers()).toHaveLength(1));
    await waitFor(() => expect(screen.queryByTestId("stop")).not.toBeInTheDocument());
    await user.click(screen.getByTestId("edit"));
    await user.type(await screen.findByTestId("editor-text"), " alone");
    await user.click(screen.getByTestId("open-settings"));
    expect(JSON.stringify({ ...localStorage })).not.toMatch(/Between us|bookmarks/);
    await user.click(await screen.findByTestId("nav-chat"));
    expect(await screen.findByTestId("editor-text")).toHaveValue("Between us alone");
  });

  it("in_which_nothing_was_said_is_left_without_a_word", async () => {
    const { user, world } = openApp();
    await user.click(await screen.findByTestId("temporary-chat"));
    await screen.findByTestId("temporary-banner");
    await user.click(screen.getByTestId("temporary-chat"));
    expect(screen.queryByTestId("temporary-banner")).not.toBeInTheDocument();
    expect(screen.queryByTestId("give-up")).not.toBeInTheDocument();
    expect(world.calls.some((call) => call.name === "session_close")).toBe(false);
  });

  it("that_was_left_before_it_was_stored_is_closed_as_soon_as_it_is", async () => {
    const { user, world } = openApp();
    await user.click(await screen.findByTestId("temporary-chat"));
    await user.type(await composer(), "Between us");
    let accept = () => {};
    world.latency = () => new Promise((done) => (accept = done as () => void));
    await user.keyboard("{Enter}");
    world.latency = () => Promise.resolve();
    await user.click(screen.getByTestId("new-chat"));
    await user.click(await screen.findByTestId("give-up-yes"));
    accept();
    await waitFor(() => expect(world.calls.some((call) => call.name === "session_close")).toBe(true));
    await waitFor(() => expect(world.sessions.some((one) => one.temporary)).toBe(false));
    expect(screen.getByTestId("session-title")).toHaveTextContent("New chat");
  });
});

describe("accessibility of filing", () => {
  const states: [name: string, scene: string, go: (user: User) => Promise<unknown>][] = [
    ["tags and pinned chats", "?filed", () => screen.findByTestId("tag-filter")],
    ["archived chats", "?filed", async (user) => user.click(await screen.findByTestId("show-archived"))],
    [
      "selected chats",
      "?filed",
      async () => {
        fireEvent.click(await screen.findByText("Horses and probability"), { ctrlKey: true });
        await screen.findByTestId("selection-bar");
      },
    ],
    [
      "tags of a chat",
      "?filed",
      async (user) => {
        await fromMenu(user, "Horses and probability", /Tags/);
        await user.keyboard("x");
        await screen.findAllByTestId("tag-option");
      },
    ],
    [
      "an archived chat",
      "",
      async (user) => {
        await openChat(user, "Notes on the Bernoulli programme");
        await fromMenu(user, "Notes on the Bernoulli programme", /Archive/);
        await screen.findByTestId("archived-notice");
      },
    ],
    [
      "a temporary chat that is about to be given up",
      "",
      async (user) => {
        await user.click(await screen.findByTestId("temporary-chat"));
        await user.type(await composer(), "x");
        await user.click(screen.getByTestId("new-chat"));
        await screen.findByTestId("give-up");
      },
    ],
  ];
  it.each(states)("no violation on %s", async (_name, scene, go) => {
    const { user } = openApp(scene);
    await go(user);
    expect(await violations()).toEqual([]);
  });
});
