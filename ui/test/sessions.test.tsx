import { screen, waitFor, within } from "@testing-library/react";
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
