import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { openApp } from "./app";

async function openSettings(scene = "") {
  const app = openApp(scene);
  await app.user.click(await screen.findByTestId("open-settings"));
  await screen.findByTestId("settings-screen");
  return app;
}

describe("settings", () => {
  it("key_is_saved_after_its_address_and_never_shown_again", async () => {
    const { user, world } = await openSettings("?model=openai");
    await user.type(await screen.findByTestId("openai-key"), "sk-canary");
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByTestId("saved-key")).toHaveTextContent("A key is saved in the keychain");
    expect(screen.getByTestId("settings-saved")).toHaveTextContent("Saved");
    const order = world.calls.map((call) => call.name).filter((name) => /_save$/.test(name));
    expect(order).toEqual(["settings_save", "credentials_save", "settings_save"]);
    expect(JSON.stringify(world.settings)).not.toContain("canary");
    expect(document.body.innerHTML).not.toContain("canary");
  });

  it("key_can_be_forgotten_after_a_question", async () => {
    const { user, world } = await openSettings("?model=openai&key");
    await user.click(await screen.findByTestId("key-forget"));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Forget" }));
    await screen.findByTestId("openai-key");
    expect(world.credentials.openai).toBe(false);
  });

  it("key_of_one_server_does_not_count_for_another", async () => {
    const { user } = await openSettings("?model=openai&key");
    await screen.findByTestId("saved-key");
    await user.click(screen.getByRole("button", { name: "OpenAI" }));
    expect(await screen.findByTestId("openai-key")).toBeInTheDocument();
  });

  it("looking_for_models_offers_them_or_says_why_not", async () => {
    const { user, world } = await openSettings("?model=openai");
    const before = structuredClone(world.settings);
    await user.click(screen.getByRole("button", { name: "LM Studio" }));
    await user.click(screen.getByTestId("look-for-models"));
    expect(await screen.findByTestId("look-error")).toHaveTextContent("127.0.0.1:1234 does not answer");
    // Trying an address does not send the next message there.
    expect(world.settings).toEqual(before);
    await user.click(screen.getByRole("button", { name: "Ollama" }));
    await user.click(screen.getByTestId("look-for-models"));
    await user.click(await screen.findByRole("button", { name: "mistral-small" }));
    expect(screen.getByTestId("openai-model")).toHaveValue("mistral-small");
    expect(screen.queryByTestId("look-error")).not.toBeInTheDocument();
  });

  it.each([
    ["none", "kept for this session only"],
    ["locked", "The keychain is locked"],
  ])("keychain %s is said before a key is typed", async (keychain, text) => {
    await openSettings(`?model=openai&keychain=${keychain}`);
    expect(await screen.findByTestId("keychain-notice")).toHaveTextContent(text);
  });

  it("bedrock_is_saved_as_typed", async () => {
    const { user, world } = await openSettings("?model=offline");
    await user.click(screen.getByTestId("provider-bedrock"));
    await user.click(await screen.findByTestId("settings-save"));
    expect(await screen.findByText("Enter a model id.")).toBeInTheDocument();
    await user.type(screen.getByTestId("bedrock-model"), " arn:aws:bedrock:x ");
    await user.click(screen.getByRole("radio", { name: "Profile" }));
    await user.type(screen.getByTestId("bedrock-profile"), "work");
    await user.click(screen.getByTestId("settings-save"));
    await waitFor(() => expect(world.settings.model).toEqual({ provider: "bedrock", id: "arn:aws:bedrock:x" }));
    expect(world.settings.bedrock).toMatchObject({ credentials: "profile", profile: "work" });
  });

  it("refused_settings_say_why", async () => {
    const { user, world } = await openSettings();
    world.refuse.settings_save = {
      code: "store_read_only",
      message: "the data folder cannot be written",
      hint: "",
      retryable: false,
      id: "",
    };
    await user.click(await screen.findByTestId("settings-save"));
    expect(await screen.findByTestId("settings-error")).toHaveTextContent("cannot be written");
  });

  it("theme_is_applied_and_kept", async () => {
    const { user, world } = await openSettings();
    await user.click(screen.getByRole("radio", { name: "Dark" }));
    await waitFor(() => expect(document.documentElement.dataset.theme).toBe("dark"));
    expect(world.settings.theme).toBe("dark");
  });
});

describe("the first start", () => {
  it("offline_is_one_press_away_from_talking", async () => {
    const { user, world } = openApp("?first");
    await user.click(await screen.findByTestId("choose-offline"));
    expect(await screen.findByTestId("composer")).toBeInTheDocument();
    expect(world.settings.model?.provider).toBe("offline");
  });

  it("other_models_are_set_up_in_place", async () => {
    const { user, world } = openApp("?first");
    await user.click(await screen.findByTestId("choose-openai"));
    await user.click(await screen.findByRole("button", { name: "Ollama" }));
    await user.type(screen.getByTestId("openai-model"), "llama3.2");
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByTestId("composer")).toBeInTheDocument();
    expect(world.settings.model).toEqual({ provider: "openai", id: "llama3.2" });
  });

  it("trouble_is_shown_instead_of_everything_and_tried_again", async () => {
    const { user, world } = openApp("?trouble");
    const trouble = await screen.findByTestId("trouble");
    expect(trouble).toHaveTextContent("schema 9");
    world.trouble = null;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByTestId("composer")).toBeInTheDocument();
  });
});
