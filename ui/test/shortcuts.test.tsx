import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { composer, openApp } from "./app";
import { violations } from "./axe";
import { openSettings } from "./settings";

const keysOf = (action: string) => screen.getByTestId(`shortcut-keys-${action}`);

describe("keyboard shortcuts", () => {
  it("what_the_owner_chose_works_and_is_shown_and_the_old_keys_do_nothing", async () => {
    const { user, world } = await openSettings("", "shortcuts");
    await user.click(keysOf("new_chat"));
    expect(keysOf("new_chat")).toHaveTextContent("Press the keys…");
    await user.keyboard("{Control>}{Shift>}e{/Shift}{/Control}");
    await waitFor(() => expect(world.settings.shortcuts).toEqual({ new_chat: "Mod+Shift+E" }));
    expect(keysOf("new_chat")).toHaveTextContent("Ctrl Shift E");
    await user.keyboard("{Control>}n{/Control}");
    expect(screen.getByTestId("settings-screen")).toBeInTheDocument();
    await user.keyboard("{Control>}{Shift>}e{/Shift}{/Control}");
    expect(await composer()).toBeInTheDocument();
    await user.hover(screen.getByTestId("new-chat"));
    expect((await screen.findAllByText("New chat (Ctrl Shift E)")).length).toBeGreaterThan(0);
  });

  it("a_conflict_is_told_and_replaced_only_when_asked", async () => {
    const { user, world } = await openSettings("", "shortcuts");
    await user.click(keysOf("why"));
    await user.keyboard("{Control>}k{/Control}");
    const trouble = await screen.findByTestId("shortcut-trouble");
    expect(trouble).toHaveTextContent("Ctrl K is also “Command palette”.");
    expect(world.settings.shortcuts).toEqual({});
    await user.click(within(trouble).getByRole("button", { name: "Cancel" }));
    expect(screen.queryByTestId("shortcut-trouble")).not.toBeInTheDocument();
    await user.click(keysOf("why"));
    await user.keyboard("{Control>}k{/Control}");
    await user.click(await screen.findByTestId("shortcut-replace"));
    await waitFor(() => expect(world.settings.shortcuts).toEqual({ palette: "", why: "Mod+K" }));
    await user.keyboard("{Control>}k{/Control}");
    expect(screen.queryByTestId("palette")).not.toBeInTheDocument();
  });

  it("keys_for_writing_and_those_of_text_fields_are_refused", async () => {
    const { user, world } = await openSettings("", "shortcuts");
    for (const [keys, why] of [
      ["j", "alone writes"],
      ["{Enter}", "alone writes"],
      ["{Control>}c{/Control}", "belongs to text fields"],
    ] as const) {
      await user.click(keysOf("why"));
      await user.keyboard(keys);
      expect(await screen.findByTestId("shortcut-trouble")).toHaveTextContent(why);
    }
    expect(world.settings.shortcuts).toEqual({});
  });

  it("recording_is_given_up_by_esc_and_tab_and_keys_are_taken_away_by_backspace", async () => {
    const { user, world } = await openSettings("", "shortcuts");
    await user.click(keysOf("new_chat"));
    await user.keyboard("{Escape}");
    expect(keysOf("new_chat")).toHaveTextContent("Ctrl N");
    await user.click(keysOf("new_chat"));
    await user.tab();
    expect(keysOf("new_chat")).not.toHaveFocus();
    await user.click(keysOf("new_chat"));
    await user.keyboard("{Backspace}");
    await waitFor(() => expect(world.settings.shortcuts).toEqual({ new_chat: "" }));
    await user.click(screen.getByTestId("shortcut-reset-new_chat"));
    await waitFor(() => expect(world.settings.shortcuts).toEqual({}));
  });

  it("search_narrows_by_name_and_keys_and_all_are_reset_at_once", async () => {
    const { user, world } = await openSettings("", "shortcuts");
    world.settings.shortcuts = {};
    await user.type(screen.getByTestId("shortcuts-search"), "rename");
    expect(screen.getByTestId("shortcut-rename_chat")).toBeInTheDocument();
    expect(screen.queryByTestId("shortcut-palette")).not.toBeInTheDocument();
    await user.clear(screen.getByTestId("shortcuts-search"));
    await user.type(screen.getByTestId("shortcuts-search"), "f2");
    await user.click(keysOf("rename_chat"));
    await user.keyboard("{F4}");
    await waitFor(() => expect(world.settings.shortcuts).toEqual({ rename_chat: "F4" }));
    await user.clear(screen.getByTestId("shortcuts-search"));
    await user.type(screen.getByTestId("shortcuts-search"), "no such thing");
    expect(screen.getByText("No shortcut has this name or these keys.")).toBeInTheDocument();
    await user.click(screen.getByTestId("shortcuts-reset"));
    await waitFor(() => expect(world.settings.shortcuts).toEqual({}));
  });

  it("keys_do_nothing_while_a_word_is_composed_or_a_question_waits", async () => {
    const { user } = openApp();
    const field = await composer();
    fireEvent.keyDown(field, { key: "k", code: "KeyK", ctrlKey: true, isComposing: true });
    expect(screen.queryByTestId("palette")).not.toBeInTheDocument();
    await user.keyboard("{Control>}/{/Control}");
    await screen.findByTestId("shortcut-help");
    await user.keyboard("{Control>},{/Control}");
    expect(screen.queryByTestId("settings-screen")).not.toBeInTheDocument();
  });

  it("help_lists_the_keys_in_force_and_goes_as_it_came", async () => {
    const { user, world } = openApp();
    world.settings.shortcuts = { new_chat: "F9", find: "" };
    await composer();
    await user.keyboard("{Control>}/{/Control}");
    const help = await screen.findByTestId("shortcut-help");
    expect(help).toHaveTextContent("New chatF9");
    expect(help).not.toHaveTextContent("Find in all messages");
    expect(await violations()).toEqual([]);
    await user.keyboard("{Control>}/{/Control}");
    await waitFor(() => expect(screen.queryByTestId("shortcut-help")).not.toBeInTheDocument());
    await user.keyboard("{Control>}/{/Control}");
    await user.click(within(await screen.findByTestId("shortcut-help")).getByRole("button", { name: "Change shortcuts" }));
    expect(await screen.findByTestId("shortcuts-search")).toBeInTheDocument();
  });

  it("no_violation_in_the_section_with_a_conflict_in_it", async () => {
    const { user } = await openSettings("", "shortcuts");
    await user.click(keysOf("why"));
    await user.keyboard("{Control>}k{/Control}");
    await screen.findByTestId("shortcut-trouble");
    expect(await violations()).toEqual([]);
  });
});
