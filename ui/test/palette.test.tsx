import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { listed } from "@/app/palette-picks";
import { id } from "@/host/fake/sample";
import { fold } from "@/lib/fuzzy";
import { composer, openApp } from "./app";
import { violations } from "./axe";

const options = () => screen.getAllByTestId("palette-field-option").map((option) => option.querySelector("[dir=auto]")?.textContent);
const openPalette = async (user: { keyboard: (keys: string) => Promise<void> }) => {
  await user.keyboard("{Control>}k{/Control}");
  return await screen.findByTestId("palette-field");
};

describe("the command palette", () => {
  it("goes_to_a_chat_by_keyboard_alone_and_offers_it_first_the_next_time", async () => {
    const { user } = openApp();
    await composer();
    expect(await openPalette(user)).toHaveFocus();
    await user.keyboard("hors prob{Enter}");
    await waitFor(() => expect(screen.getByTestId("session-title")).toHaveTextContent("Horses and probability"));
    await openPalette(user);
    const recent = within(screen.getByRole("group", { name: "Recent" }));
    expect(recent.getByRole("option")).toHaveTextContent("Horses and probability");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("palette")).not.toBeInTheDocument());
    await waitFor(() => expect(screen.getByTestId("composer")).toHaveFocus());
    await openPalette(user);
    await user.keyboard("find in this{Enter}");
    await waitFor(() => expect(screen.getByTestId("find-bar-field")).toHaveFocus());
  });

  it("offers_what_can_be_done_here_with_its_keys", async () => {
    const { user } = openApp();
    await user.click(await screen.findByRole("button", { name: "Horses and probability" }));
    await openPalette(user);
    await user.keyboard("find");
    expect(options()).toContain("Find in this chat");
    expect(screen.getByText("Find in this chat").parentElement).toHaveTextContent("Ctrl F");
    await user.clear(screen.getByTestId("palette-field"));
    await user.keyboard("settings network{Enter}");
    expect(await screen.findByTestId("network-proxy")).toBeInTheDocument();
    await openPalette(user);
    await user.keyboard("find");
    expect(options()).not.toContain("Find in this chat");
    await user.clear(screen.getByTestId("palette-field"));
    await user.keyboard("settings usage{Enter}");
    await waitFor(() => expect(screen.getByTestId("settings-usage")).toHaveAttribute("data-state", "active"));
  });

  it("chooses_a_model_for_this_chat_only", async () => {
    const { user, world } = openApp();
    await user.click(await screen.findByRole("button", { name: "Horses and probability" }));
    await openPalette(user);
    await user.keyboard("haiku 4.5");
    await user.click(await screen.findByText("Claude Haiku 4.5"));
    await waitFor(() => expect(world.sessions.find((one) => one.id === id("horse"))?.model?.id).toContain("haiku-4-5"));
    expect(world.settings.model?.id).toContain("sonnet");
  });

  it("searches_messages_as_its_last_entry", async () => {
    const { user } = openApp();
    await composer();
    await openPalette(user);
    await user.keyboard("analytical");
    expect(options().at(-1)).toBe("Search messages for “analytical”");
    await user.keyboard("{ArrowUp}{Enter}");
    expect(await screen.findByTestId("find-field")).toHaveValue("analytical");
  });

  it("opens_over_a_panel_but_not_over_a_question_and_its_own_keys_close_it", async () => {
    const { user } = openApp();
    await composer();
    await user.click(screen.getByTestId("model-chip"));
    await screen.findAllByTestId("model-option");
    await openPalette(user);
    await user.keyboard("{Control>}k{/Control}");
    await waitFor(() => expect(screen.queryByTestId("palette")).not.toBeInTheDocument());
    await user.keyboard("{Control>}/{/Control}");
    await screen.findByTestId("shortcut-help");
    await user.keyboard("{Control>}k{/Control}");
    expect(screen.queryByTestId("palette")).not.toBeInTheDocument();
  });

  it("no_violation_empty_and_full", async () => {
    const { user } = openApp();
    await composer();
    await openPalette(user);
    expect(await violations()).toEqual([]);
    await user.keyboard("a");
    expect(await violations()).toEqual([]);
  });

  it("draws_a_handful_of_two_thousand_chats_and_keeps_the_newest_first", async () => {
    const { user } = openApp("?many");
    await composer();
    await openPalette(user);
    await user.click(screen.getByTestId("palette-field"));
    await user.paste("plan analytical");
    await waitFor(() => expect(options().slice(0, 2)).toEqual(["Plan 0 on the analytical engine", "Plan 6 on the analytical engine"]));
    expect(options().length).toBeLessThan(30);
  });

  it("what_was_used_last_comes_first_among_equals", () => {
    const chat = (name: string) => ({ id: name, title: name, text: () => fold(name), group: "chats" as const, run: () => {} });
    const [group] = listed([chat("Plan A"), chat("Plan B")], "plan", ["Plan B"]);
    expect(group?.picks.map((pick) => pick.id)).toEqual(["Plan B", "Plan A"]);
  });
});
