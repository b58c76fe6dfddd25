import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { commands } from "@/bindings";
import { emit } from "@/host/fake/event";
import { openApp } from "./app";
import { openSettings } from "./settings";

afterEach(() => vi.restoreAllMocks());

/** The answers of the program to `settings_save` are on their way until they are let through. */
function holdAnswers() {
  const { settingsSave } = commands;
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  vi.spyOn(commands, "settingsSave").mockImplementation(async (settings) => {
    const answer = await settingsSave(settings);
    await gate;
    return answer;
  });
  return open;
}

describe("settings", () => {
  it("an_answer_that_comes_late_does_not_take_back_what_was_changed_elsewhere_since", async () => {
    const { user, world } = await openSettings("", "general");
    const letThrough = holdAnswers();
    await user.click(screen.getByRole("radio", { name: "Dark" }));
    await waitFor(() => expect(world.settings.theme).toBe("dark"));
    world.settings = { ...world.settings, titles_by_model: false };
    await emit("notice", { event: { type: "settings_changed" }, stale: ["settings"] });
    const titles = screen.getByTestId("titles-by-model");
    await waitFor(() => expect(titles).not.toBeChecked());
    const changed: boolean[] = [];
    const observer = new MutationObserver(() => changed.push((titles as HTMLInputElement).checked));
    observer.observe(document.body, { attributes: true, childList: true, characterData: true, subtree: true });
    letThrough();
    await user.click(screen.getByRole("radio", { name: "Light" }));
    await waitFor(() => expect(world.settings.theme).toBe("light"));
    observer.disconnect();
    expect(changed).not.toContain(true);
    expect(titles).not.toBeChecked();
    expect(world.settings.titles_by_model).toBe(false);
  });

  it("a_change_takes_nothing_back_that_the_page_was_not_told_of_yet", async () => {
    const { user, world } = await openSettings("", "general");
    world.settings = { ...world.settings, background_paused: true };
    await user.click(screen.getByRole("radio", { name: "Dark" }));
    await waitFor(() => expect(world.settings.theme).toBe("dark"));
    expect(world.settings.background_paused).toBe(true);
  });

  it("what_is_pressed_again_before_it_is_saved_goes_on_from_what_is_shown", async () => {
    const { user, world } = await openSettings("", "general");
    const letThrough = holdAnswers();
    await user.click(screen.getByTestId("text-larger"));
    await waitFor(() => expect(world.settings.text_size).toBe(110));
    await user.click(screen.getByTestId("text-larger"));
    await emit("notice", { event: { type: "settings_changed" }, stale: ["settings"] });
    await user.click(screen.getByTestId("text-larger"));
    letThrough();
    await waitFor(() => expect(world.settings.text_size).toBe(150));
    expect(screen.getByTestId("text-size")).toHaveTextContent("150");
  });

  it("sections_are_reached_by_keyboard_and_keep_what_was_typed", async () => {
    const { user } = await openSettings("?model=openai");
    await user.clear(await screen.findByTestId("openai-url"));
    await user.type(screen.getByTestId("openai-url"), "https://half.example");
    screen.getByTestId("settings-models").focus();
    await user.keyboard("{ArrowDown}");
    expect(screen.getByTestId("settings-answering")).toHaveFocus();
    expect(await screen.findByTestId("effort")).toBeInTheDocument();
    await user.keyboard("{ArrowUp}");
    expect(screen.getByTestId("openai-url")).toHaveValue("https://half.example");
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
    const { user, world } = await openSettings("", "general");
    await user.click(screen.getByRole("radio", { name: "Dark" }));
    await waitFor(() => expect(document.documentElement.dataset.theme).toBe("dark"));
    expect(world.settings.theme).toBe("dark");
  });

  it("who_was_spoken_to_but_could_not_be_kept_is_not_kept_by_the_next_setting", async () => {
    const { user, world } = await openSettings("", "general");
    world.refuse.settings_save = { code: "store_read_only", message: "nothing can be written", hint: "", retryable: false, id: "" };
    await user.click(screen.getByRole("radio", { name: "As a visitor" }));
    expect(await screen.findByTestId("toast")).toHaveTextContent("Nothing can be written.");
    world.refuse = {};
    await user.click(screen.getByTestId("open-settings"));
    await user.click(await screen.findByTestId("settings-general"));
    await user.click(await screen.findByRole("radio", { name: "Dark" }));
    await waitFor(() => expect(world.settings.theme).toBe("dark"));
    expect(world.settings.audience).toBe("owner");
  });

  it("proxy_and_own_certificates_are_saved_or_the_program_says_why_not", async () => {
    const { user, world } = await openSettings("", "network");
    await user.type(await screen.findByTestId("network-proxy"), " http://proxy:3128 ");
    await user.type(screen.getByTestId("network-ca"), "/etc/company.txt");
    await user.click(screen.getByTestId("network-save"));
    expect(await screen.findByTestId("network-error")).toHaveTextContent("holds no certificate");
    expect(world.settings.network.proxy).toBe("");
    await user.clear(screen.getByTestId("network-ca"));
    await user.type(screen.getByTestId("network-ca"), "/etc/company.pem");
    await user.click(screen.getByTestId("network-save"));
    await waitFor(() => expect(screen.getByTestId("network-saved")).toHaveTextContent("Saved"));
    expect(world.settings.network).toEqual({ proxy: "http://proxy:3128", ca_file: "/etc/company.pem" });
  });
});

describe("the first start", () => {
  it("offline_is_one_press_away_from_talking", async () => {
    const { user, world } = openApp("?first");
    await user.click(await screen.findByTestId("choose-offline"));
    expect(await screen.findByTestId("composer")).toBeInTheDocument();
    expect(world.settings.model?.provider).toBe("offline");
  });

  it("what_another_window_saves_meanwhile_stays", async () => {
    const { user, world } = openApp("?first");
    const offline = await screen.findByTestId("choose-offline");
    world.settings = { ...world.settings, theme: "dark" };
    await user.click(offline);
    expect(await screen.findByTestId("composer")).toBeInTheDocument();
    expect(world.settings.theme).toBe("dark");
  });

  it("a_server_that_runs_here_is_offered_first_and_answers_after_three_presses", async () => {
    const { user, world } = openApp("?first");
    expect(await screen.findByText(/Running here: ollama/)).toBeInTheDocument();
    await user.click(screen.getByTestId("choose-openai"));
    await user.click(await screen.findByRole("button", { name: "Use lm-studio" }));
    expect(screen.getByTestId("openai-model")).toHaveValue("qwen2.5-coder-14b");
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByTestId("composer")).toBeInTheDocument();
    expect(world.settings.model).toEqual({ provider: "openai", id: "qwen2.5-coder-14b" });
    expect(world.settings.openai.servers).toMatchObject([{ name: "lm-studio", base_url: "http://127.0.0.1:1234/v1" }]);
  });

  it("any_address_and_model_can_be_typed_in_place", async () => {
    const { user, world } = openApp("?first");
    await user.click(await screen.findByTestId("choose-openai"));
    const url = await screen.findByTestId("openai-url");
    await user.clear(url);
    await user.type(url, "http://127.0.0.1:9999/v1");
    await user.type(screen.getByTestId("openai-model"), "stub-model");
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByTestId("composer")).toBeInTheDocument();
    expect(world.settings.model).toEqual({ provider: "openai", id: "stub-model" });
    expect(world.settings.openai.servers).toMatchObject([{ name: "127.0.0.1-9999", base_url: "http://127.0.0.1:9999/v1" }]);
  });

  it("bedrock_goes_from_profile_to_model_to_test_without_leaving_before_a_model_is_used", async () => {
    const { user, world } = openApp("?first");
    await user.click(await screen.findByTestId("choose-bedrock"));
    // What AWS tools were set up with is offered at once; the rest is folded.
    await user.click(await screen.findByRole("radio", { name: /^work signs in/ }));
    expect(screen.getByTestId("bedrock-advanced")).not.toHaveAttribute("open");
    expect(within(screen.getByTestId("bedrock-advanced")).getByTestId("bedrock-reach")).toBeInTheDocument();
    await user.click(screen.getByTestId("bedrock-list"));
    await waitFor(() => expect(world.settings.bedrock.profile).toBe("work"));
    await user.click(await screen.findByTestId("bedrock-model"));
    await user.click(await screen.findByRole("option", { name: /Claude Sonnet 4.5/ }));
    await user.type(screen.getByTestId("bedrock-region"), "eu-west-1");
    await user.click(screen.getByRole("button", { name: "Save and test" }));
    await waitFor(() => expect(screen.getByTestId("test-step-invoke")).toHaveAttribute("data-state", "passed"));
    expect(world.settings.model).toBeNull();
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByTestId("composer")).toBeInTheDocument();
    expect(world.settings.model).toEqual({ provider: "bedrock", id: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0" });
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
