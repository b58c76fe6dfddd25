import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { emit } from "@/host/fake/event";
import { openApp } from "./app";

async function openPersona(scene = "") {
  const app = openApp(scene);
  await app.user.click(await screen.findByTestId("nav-persona"));
  await screen.findByTestId("persona-screen");
  const open = (path: string) =>
    app.user.click(screen.getAllByTestId("persona-file").find((file) => file.dataset.path === path) as HTMLElement);
  return { ...app, open };
}

describe("the persona", () => {
  it("edit_is_checked_and_saved", async () => {
    const { user, world, open } = await openPersona();
    await open("summary.md");
    const field = await screen.findByTestId("editor-text");
    await user.clear(field);
    expect(await screen.findByText(/The file is empty/)).toBeInTheDocument();
    await user.type(field, "I changed.");
    await screen.findByText(/No problems/);
    await user.keyboard("{Control>}s{/Control}");
    await waitFor(() => expect(world.files.find((file) => file.path === "summary.md")?.text).toBe("I changed."));
    expect(await screen.findByText("Persona reloaded: summary.md")).toBeInTheDocument();
    await waitFor(() => expect(screen.getByTestId("persona-save")).toBeDisabled());
  });

  it("change_on_disk_is_taken_over_quietly_while_nothing_is_typed", async () => {
    const { world, open } = await openPersona();
    await open("style.md");
    await screen.findByTestId("editor-text");
    const file = world.files.find((one) => one.path === "style.md");
    if (file) Object.assign(file, { text: "Short.", revision: 7 });
    await emit("notice", { event: { type: "persona_reloaded", files: ["style.md"], problems: 0 }, stale: ["persona"] });
    await waitFor(() => expect(screen.getByTestId("editor-text")).toHaveValue("Short."));
  });

  it.each([
    ["Overwrite with mine", "Mine.", "Mine."],
    ["Reload from disk", "Theirs.", "Theirs."],
  ])("change_on_disk_under_typed_text_asks: %s", async (button, onDisk, inField) => {
    const { user, world, open } = await openPersona();
    await open("style.md");
    const field = await screen.findByTestId("editor-text");
    await user.clear(field);
    await user.type(field, "Mine.");
    const file = world.files.find((one) => one.path === "style.md");
    if (file) Object.assign(file, { text: "Theirs.", revision: 7 });
    await user.click(screen.getByTestId("persona-save"));
    const conflict = within(await screen.findByTestId("persona-conflict"));
    expect(screen.getByTestId("editor-text")).toHaveValue("Mine.");
    await user.click(conflict.getByRole("button", { name: button }));
    await waitFor(() => expect(screen.queryByTestId("persona-conflict")).not.toBeInTheDocument());
    await waitFor(() => expect(world.files.find((one) => one.path === "style.md")?.text).toBe(onDisk));
    expect(screen.getByTestId("editor-text")).toHaveValue(inField);
  });

  it("unsaved_changes_are_asked_about_before_leaving", async () => {
    const { user, open } = await openPersona();
    await open("summary.md");
    await user.type(await screen.findByTestId("editor-text"), "more");
    await user.click(screen.getByTestId("nav-chat"));
    const dialog = within(await screen.findByTestId("leave-dialog"));
    await user.click(dialog.getByRole("button", { name: "Keep editing" }));
    expect(screen.getByTestId("editor-text")).toBeInTheDocument();
    await open("style.md");
    await user.click(within(await screen.findByTestId("leave-dialog")).getByRole("button", { name: "Discard" }));
    expect(await screen.findByRole("textbox", { name: "Text of style.md" })).toBeInTheDocument();
  });

  it("broken_file_says_line_column_and_what_to_do", async () => {
    const { user } = await openPersona("?broken");
    expect(screen.getByTestId("nav-persona")).toHaveTextContent("1 problem");
    const problem = await screen.findByTestId("persona-problem");
    expect(problem).toHaveTextContent("facts.json · line 7, column 3");
    expect(problem).toHaveTextContent("put a comma at the end of line 6".replace("put", "Put"));
    expect(problem).toHaveTextContent("The last good version is in use.");
    await user.click(within(problem).getByRole("button", { name: "Go to it" }));
    expect(await screen.findByTestId("editor-text")).toBeInTheDocument();
  });

  it("missing_file_is_created_from_its_template", async () => {
    const { user, world } = openApp();
    world.files = world.files.filter((file) => file.path !== "style.md");
    await user.click(await screen.findByTestId("nav-persona"));
    await user.click(await screen.findByRole("button", { name: "Create style.md" }));
    expect(await screen.findByTestId("editor-text")).toHaveValue("Write here, in your own words.\n");
    await user.click(screen.getByTestId("persona-save"));
    await waitFor(() => expect(world.files.some((file) => file.path === "style.md")).toBe(true));
    expect(world.calls.find((call) => call.name === "persona_save")?.args).toMatchObject({ fingerprint: null });
  });

  it("reload_is_told_on_any_screen_with_its_problems", async () => {
    openApp();
    await screen.findByTestId("composer");
    await emit("notice", { event: { type: "persona_reloaded", files: ["facts.json", "style.md"], problems: 1 }, stale: ["persona"] });
    expect(await screen.findByText("Persona reloaded: facts.json and 1 more · 1 problem")).toBeInTheDocument();
  });

  it("folder_that_does_not_exist_is_refused_with_a_reason", async () => {
    const { user } = await openPersona();
    await user.click(screen.getByTestId("persona-change-folder"));
    const field = await screen.findByTestId("folder-path");
    await user.clear(field);
    await user.type(field, "/missing");
    await user.click(screen.getByRole("button", { name: "Use this folder" }));
    expect(await screen.findByText(/does not exist/)).toBeInTheDocument();
  });
});
