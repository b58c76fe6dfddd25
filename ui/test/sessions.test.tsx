import { createEvent, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { id } from "@/host/fake/sample";
import { composer, openApp, row } from "./app";

describe("the list of chats", () => {
  it("arrows_move_enter_opens", async () => {
    const { user } = openApp();
    (await row("What do I love, again?")).focus();
    await user.keyboard("{ArrowDown}");
    expect(await row("Notes on the Bernoulli programme")).toHaveFocus();
    await user.keyboard("{Enter}");
    expect(await screen.findByTestId("session-title")).toHaveTextContent("Notes on the Bernoulli programme");
    expect(screen.getByTestId("composer")).toHaveFocus();
  });

  it("delete_can_be_undone", async () => {
    const { user, world } = openApp();
    (await row("Horses and probability")).focus();
    await user.keyboard("{Delete}");
    expect(await screen.findByTestId("toast")).toHaveTextContent("Deleted “Horses and probability”");
    expect(world.deleted.has(id("horse"))).toBe(true);
    await waitFor(() => expect(screen.queryByRole("button", { name: "Horses and probability" })).not.toBeInTheDocument());
    expect(await row("What did Somerville teach me?")).toHaveFocus();
    await user.click(screen.getByTestId("toast-action"));
    expect(await row("Horses and probability")).toBeInTheDocument();
  });

  it("escape_in_a_field_and_undo_leave_the_drawer_open", async () => {
    const wide = window.matchMedia;
    window.matchMedia = (query) => ({ ...wide(query), matches: query.includes("max-width") });
    try {
      const { user } = openApp();
      await user.click(await screen.findByTestId("sidebar-toggle"));
      (await row("Horses and probability")).focus();
      await user.keyboard("{F2}");
      await user.type(await screen.findByRole("textbox", { name: "Title of the chat" }), "nothing{Escape}");
      await waitFor(async () => expect(await row("Horses and probability")).toHaveFocus());
      await user.keyboard("{Delete}");
      const drawer = screen.getByRole("dialog");
      await user.click(await within(drawer).findByTestId("toast-action"));
      expect(await within(drawer).findByRole("button", { name: "Horses and probability" })).toBeInTheDocument();
      await user.keyboard("{Escape}");
      await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
      expect(screen.getByTestId("toasts")).toBeInTheDocument();
    } finally {
      window.matchMedia = wide;
    }
  });

  it("refused_delete_puts_the_chat_back", async () => {
    const { user, world } = openApp();
    world.refuse.session_change = { code: "store_read_only", message: "the folder cannot be written", hint: "", retryable: false, id: "" };
    (await row("Horses and probability")).focus();
    await user.keyboard("{Delete}");
    expect(await screen.findByTestId("toast")).toHaveTextContent("The folder cannot be written.");
    expect(await row("Horses and probability")).toBeInTheDocument();
  });

  it("f2_renames_escape_gives_up", async () => {
    const { user, world } = openApp();
    (await row("Horses and probability")).focus();
    await user.keyboard("{F2}");
    await user.type(await screen.findByRole("textbox", { name: "Title of the chat" }), "nothing{Escape}");
    expect(await row("Horses and probability")).toBeInTheDocument();
    await waitFor(async () => expect(await row("Horses and probability")).toHaveFocus());
    await user.keyboard("{F2}");
    const field = await screen.findByRole("textbox", { name: "Title of the chat" });
    await user.clear(field);
    await user.type(field, "On horses{Enter}");
    expect(await row("On horses")).toBeInTheDocument();
    await waitFor(() => expect(world.sessions.find((session) => session.id === id("horse"))?.title).toBe("On horses"));
  });

  it("leaving_a_title_for_a_message_leaves_the_focus_there", async () => {
    const { user } = openApp();
    (await row("Horses and probability")).focus();
    await user.keyboard("{F2}");
    await user.type(await screen.findByRole("textbox", { name: "Title of the chat" }), "{Control>}a{/Control}On horses");
    await user.click(await composer());
    expect(await row("On horses")).toBeInTheDocument();
    // A task later than it ends, a row gets the focus back.
    await new Promise((later) => setTimeout(later));
    await user.keyboard("the trot");
    expect(await composer()).toHaveValue("the trot");
  });

  it("menu_offers_rename_and_delete", async () => {
    const { user } = openApp();
    await user.click(await screen.findByRole("button", { name: "More for “Horses and probability”" }));
    const menu = within(await screen.findByRole("menu"));
    await user.click(menu.getByRole("menuitem", { name: /Rename/ }));
    expect(await screen.findByRole("textbox", { name: "Title of the chat" })).toBeInTheDocument();
  });

  it("empty_list_says_so", async () => {
    openApp("?empty");
    expect(await screen.findByTestId("sessions-empty")).toHaveTextContent("No chats yet");
  });
});

describe("dragging chats out of the list", () => {
  /** As far as the page goes with it: whether the web view is left to drag something itself. */
  async function drag(title: string, role: "button" | "checkbox" = "button"): Promise<boolean> {
    const from = await screen.findByRole(role, { name: title });
    const event = createEvent.dragStart(from);
    fireEvent(from, event);
    return !event.defaultPrevented;
  }
  const dragged = (world: ReturnType<typeof openApp>["world"]) =>
    world.calls.filter((call) => call.name === "session_drag").map(({ args }) => args);

  it("hands_the_chat_to_the_program_and_changes_nothing_in_the_list", async () => {
    const { user, world } = openApp();
    const horses = await row("Horses and probability");
    expect(horses.closest("[draggable=true]")).not.toBeNull();
    expect(await drag("Horses and probability")).toBe(false);
    expect(dragged(world)).toEqual([{ sessionIds: [id("horse")], format: "markdown" }]);
    expect(screen.getByTestId("session-title")).toHaveTextContent("New chat");
    await user.click(horses);
    await waitFor(() => expect(screen.getByTestId("session-title")).toHaveTextContent("Horses and probability"));
  });

  it("takes_all_selected_ones_or_the_one_beside_them", async () => {
    const { user, world } = openApp();
    await user.keyboard("{Control>}");
    await user.click(await row("Horses and probability"));
    await user.click(await screen.findByRole("checkbox", { name: "What did Somerville teach me?" }));
    await user.keyboard("{/Control}");
    await drag("Horses and probability", "checkbox");
    await drag("What do I love, again?", "checkbox");
    const [both, other] = dragged(world) as { sessionIds: string[] }[];
    expect(both?.sessionIds).toHaveLength(2);
    expect(both?.sessionIds).toContain(id("horse"));
    expect(other?.sessionIds).toHaveLength(1);
    expect(both?.sessionIds).not.toContain(other?.sessionIds[0]);
    expect(screen.getByTestId("selection-count")).toHaveTextContent("2");
  });

  it("takes_the_format_that_was_exported_in_last", async () => {
    const { user, world } = openApp();
    await user.click(await screen.findByRole("button", { name: "More for “Horses and probability”" }));
    await user.click(within(await screen.findByRole("menu")).getByRole("menuitem", { name: /Export/ }));
    await user.click(await screen.findByRole("radio", { name: /Web page/ }));
    await user.keyboard("{Escape}");
    await drag("Horses and probability");
    expect(dragged(world)).toMatchObject([{ format: "html" }]);
  });

  it("a_place_that_cannot_be_looked_at_is_told_of", async () => {
    const { user, world } = openApp();
    const message = "the path could not be read";
    world.refuse.export_there = { code: "invalid_input", message, hint: "Choose another place.", retryable: false, id: "" };
    await user.click(await screen.findByRole("button", { name: "More for “Horses and probability”" }));
    await user.click(within(await screen.findByRole("menu")).getByRole("menuitem", { name: /Export/ }));
    await waitFor(() => expect(screen.getByTestId("export-chat-path")).not.toHaveValue(""));
    await user.click(screen.getByTestId("export-chat-run"));
    expect(await screen.findByTestId("toast")).toHaveTextContent("Choose another place.");
    expect(world.calls.some(({ name }) => name === "session_export")).toBe(false);
  });

  it("a_desktop_that_takes_nothing_is_told_of", async () => {
    const { world } = openApp();
    const message = "this desktop takes nothing that is dragged out of the window";
    world.refuse.session_drag = { code: "internal", message, hint: "Export the chat from its menu.", retryable: false, id: "" };
    await drag("Horses and probability");
    expect(await screen.findByTestId("toast")).toHaveTextContent("Export the chat from its menu.");
  });

  it("a_title_that_is_edited_is_not_dragged_about", async () => {
    const { user, world } = openApp();
    (await row("Horses and probability")).focus();
    await user.keyboard("{F2}");
    const field = await screen.findByRole("textbox", { name: "Title of the chat" });
    expect(field.closest("[draggable=true]")).toBeNull();
    fireEvent.dragStart(field);
    expect(dragged(world)).toEqual([]);
  });
});
