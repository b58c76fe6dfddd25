import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { emit } from "@/host/fake/event";
import { called, openSettings } from "./settings";

type Opened = Awaited<ReturnType<typeof openSettings>>;
const server = (name: string) => screen.getAllByTestId("server").find((row) => row.dataset.name === name);
const preset = (title: string) => screen.findByRole("button", { name: title });

async function menu(user: Opened["user"], name: string, item: string) {
  await user.click(screen.getByRole("button", { name: `More for ${name}` }));
  await user.click(await screen.findByRole("menuitem", { name: item }));
}

/** Ollama, which is in use, and LM Studio, which was found. */
async function openTwo(scene = "?model=openai") {
  const opened = await openSettings(scene);
  await opened.user.click(await screen.findByRole("button", { name: "Add lm-studio" }));
  await waitFor(() => expect(server("lm-studio")).toBeTruthy());
  return opened;
}

describe("keys of servers", () => {
  it("key_is_saved_after_its_address_and_never_shown_again", async () => {
    const { user, world } = await openSettings("?model=openai");
    await user.type(await screen.findByTestId("openai-key"), "sk-canary");
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByTestId("saved-key")).toHaveTextContent("A key is saved in the keychain");
    expect(screen.getByTestId("settings-saved")).toHaveTextContent("Saved");
    expect(called(world, /_save$/)).toEqual(["settings_save", "credentials_save", "settings_save"]);
    expect(JSON.stringify(world.settings)).not.toContain("canary");
    expect(document.body.innerHTML).not.toContain("canary");
  });

  it("key_can_be_forgotten_after_a_question", async () => {
    const { user, world } = await openSettings("?model=openai&key");
    await user.click(await screen.findByTestId("key-forget"));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Forget" }));
    await screen.findByTestId("openai-key");
    expect(world.credentials.openai).toEqual([]);
  });

  it("key_of_one_server_does_not_count_for_another", async () => {
    const { user } = await openSettings("?model=openai&key");
    await screen.findByTestId("saved-key");
    await user.clear(screen.getByTestId("openai-url"));
    await user.type(screen.getByTestId("openai-url"), "https://thief.example/v1");
    expect(await screen.findByTestId("openai-key")).toBeInTheDocument();
    expect(screen.getByText(/belongs to the old address/)).toBeInTheDocument();
    await user.click(await preset("OpenAI"));
    expect(await screen.findByTestId("openai-key")).toHaveValue("");
  });

  it("the_page_where_a_key_is_made_is_one_press_away", async () => {
    const { user, world } = await openSettings("?model=openai");
    await user.click(await preset("OpenRouter"));
    await user.click(await screen.findByTestId("key-page"));
    await waitFor(() => expect(world.opened).toEqual(["https://openrouter.ai/settings/keys"]));
  });

  it.each([
    ["none", "kept for this session only"],
    ["locked", "The keychain is locked"],
  ])("keychain %s is said before a key is typed", async (keychain, text) => {
    await openSettings(`?model=openai&keychain=${keychain}`);
    expect(await screen.findByTestId("keychain-notice")).toHaveTextContent(text);
  });
});

describe("servers", () => {
  it("looking_for_models_offers_them_or_says_why_not_and_saves_nothing", async () => {
    const { user, world } = await openSettings("?model=openai");
    const before = structuredClone(world.settings);
    await user.click(await preset("llama.cpp"));
    await user.click(screen.getByTestId("look-for-models"));
    expect(await screen.findByTestId("look-error")).toHaveTextContent("127.0.0.1:8080/v1 does not answer");
    await user.click(screen.getByTestId("server-edit"));
    await waitFor(() => expect(screen.getByTestId("found-models")).toHaveTextContent("4 models on this server"));
    await user.click(screen.getByTestId("openai-model-toggle"));
    await user.click(await screen.findByRole("option", { name: "mistral-small" }));
    expect(screen.getByTestId("openai-model")).toHaveValue("mistral-small");
    // Trying an address does not send the next message there.
    expect(world.settings).toEqual(before);
    expect(called(world, /settings_save/)).toEqual([]);
  });

  it("what_runs_on_this_computer_is_found_by_itself_and_added_with_one_press", async () => {
    const { user, world, models } = await openTwo();
    expect(server("lm-studio")).toHaveTextContent("running");
    expect(world.settings.openai.servers.map(({ name }) => name)).toEqual(["ollama", "lm-studio"]);
    expect(world.settings.model).toEqual({ provider: "openai", id: "llama3.2" });
    models.found = [];
    await user.click(screen.getByTestId("find-again"));
    expect(await screen.findByText("No server answers on this computer.")).toBeInTheDocument();
  });

  it("a_model_of_another_server_is_named_with_its_server", async () => {
    const { user, world } = await openTwo();
    await waitFor(() => expect(screen.getByTestId("server-name")).toHaveValue("lm-studio"));
    expect(screen.getByTestId("settings-save")).toHaveTextContent("Save server");
    await user.type(screen.getByTestId("openai-model"), "qwen2.5-coder-14b");
    await user.click(screen.getByRole("button", { name: "Use this model" }));
    await waitFor(() => expect(world.settings.model).toEqual({ provider: "openai", server: "lm-studio", id: "qwen2.5-coder-14b" }));
  });

  it("making_another_server_first_does_not_send_the_conversation_there", async () => {
    const { user, world } = await openTwo();
    await menu(user, "lm-studio", "Make first");
    await waitFor(() => expect(world.settings.openai.servers[0]?.name).toBe("lm-studio"));
    expect(world.settings.model).toEqual({ provider: "openai", server: "ollama", id: "llama3.2" });
  });

  it("renaming_a_server_keeps_its_models_and_its_key", async () => {
    const { user, world } = await openSettings("?model=openai&key");
    world.settings.fallback = [{ provider: "openai", id: "qwen3:8b" }];
    await user.clear(await screen.findByTestId("server-name"));
    await user.type(screen.getByTestId("server-name"), "at home");
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByText(/^Use letters, digits/)).toBeInTheDocument();
    await user.clear(screen.getByTestId("server-name"));
    await user.type(screen.getByTestId("server-name"), "home");
    await user.click(screen.getByTestId("settings-save"));
    await waitFor(() => expect(server("home")).toBeTruthy());
    expect(world.settings).toMatchObject({
      openai: { servers: [{ name: "home" }] },
      model: { provider: "openai", id: "llama3.2" },
      fallback: [{ provider: "openai", id: "qwen3:8b" }],
    });
    expect(await screen.findByTestId("saved-key")).toBeInTheDocument();
  });

  it("two_servers_cannot_have_one_name", async () => {
    const { user, world } = await openTwo();
    await user.clear(screen.getByTestId("server-name"));
    await user.type(screen.getByTestId("server-name"), "ollama");
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByText("Another server has this name.")).toBeInTheDocument();
    expect(called(world, /settings_save/)).toHaveLength(1);
  });

  it("removing_the_server_in_use_asks_answers_offline_and_can_be_undone", async () => {
    const { user, world } = await openTwo();
    await menu(user, "ollama", "Remove…");
    const dialog = await screen.findByTestId("server-remove");
    expect(dialog).toHaveTextContent("the twin answers offline");
    await user.click(within(dialog).getByTestId("server-remove-confirm"));
    await waitFor(() => expect(world.settings.openai.servers.map(({ name }) => name)).toEqual(["lm-studio"]));
    // Not by the next server in its place, which never was chosen.
    expect(world.settings.model).toEqual({ provider: "offline", id: "" });
    await user.click(await screen.findByTestId("toast-action"));
    await waitFor(() => expect(world.settings.openai.servers.map(({ name }) => name)).toEqual(["ollama", "lm-studio"]));
    expect(world.settings.model).toEqual({ provider: "openai", id: "llama3.2" });
  });

  it("undoing_a_removal_takes_back_nothing_that_was_changed_since", async () => {
    const { user, world } = await openTwo();
    await menu(user, "ollama", "Remove…");
    await user.click(await screen.findByTestId("server-remove-confirm"));
    await screen.findByTestId("toast-action");
    // By another window, the tray or the command line.
    const { settings } = world;
    const third = { name: "third", base_url: "http://127.0.0.1:3/v1", key_secret: null };
    const model = { provider: "bedrock" as const, id: "anthropic.claude" };
    world.settings = { ...settings, model, openai: { ...settings.openai, servers: [...settings.openai.servers, third] } };
    await user.click(screen.getByTestId("toast-action"));
    await waitFor(() => expect(world.settings.openai.servers.map(({ name }) => name)).toEqual(["ollama", "lm-studio", "third"]));
    expect(world.settings.model).toEqual(model);
  });

  it("removing_the_server_that_compares_meanings_is_said_before_and_can_be_undone", async () => {
    const { user, world } = await openTwo();
    await menu(user, "ollama", "Remove…");
    expect(await screen.findByTestId("server-remove")).not.toHaveTextContent("Search by meaning");
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    const embedder = { type: "openai" as const, server: null, model: "nomic-embed-text" };
    world.settings = { ...world.settings, embedder };
    await emit("notice", { event: { type: "settings_changed" }, stale: ["settings"] });
    await menu(user, "ollama", "Remove…");
    const dialog = await screen.findByTestId("server-remove");
    await waitFor(() => expect(dialog).toHaveTextContent("Search by meaning uses this server"));
    await user.click(within(dialog).getByTestId("server-remove-confirm"));
    await waitFor(() => expect(world.settings.embedder).toEqual({ type: "embedded" }));
    await user.click(await screen.findByTestId("toast-action"));
    await waitFor(() => expect(world.settings.embedder).toEqual(embedder));
  });

  it("removing_a_server_can_forget_its_key_as_well", async () => {
    const { user, models } = await openTwo("?model=openai&key");
    await menu(user, "ollama", "Remove…");
    await user.click(await screen.findByTestId("server-remove-key"));
    await user.click(screen.getByTestId("server-remove-confirm"));
    await waitFor(() => expect(server("ollama")).toBeUndefined());
    expect(models.keys.size).toBe(0);
  });

  it("the_last_server_stays", async () => {
    await openSettings("?model=openai");
    expect(await screen.findAllByTestId("server")).toHaveLength(1);
    expect(screen.queryByTestId("server-more")).not.toBeInTheDocument();
  });
});
