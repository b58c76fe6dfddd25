import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { id } from "@/host/fake/sample";
import { answers, composer, openApp, openChat } from "./app";

const sonnet = "Claude Sonnet 4.5";
const option = async (name: string) => await screen.findByRole("option", { name: new RegExp(name) });
const calls = (world: ReturnType<typeof openApp>["world"], name: string) => world.calls.filter((call) => call.name === name);

async function openPicker(scene = "", chat?: string) {
  const app = openApp(scene);
  await composer();
  if (chat) await openChat(app.user, chat);
  await app.user.click(screen.getByTestId("model-chip"));
  await screen.findAllByTestId("model-option");
  return app;
}

describe("choosing a model", () => {
  it("one_entry_a_model_says_where_data_may_go_and_what_is_known", async () => {
    await openPicker();
    expect(screen.getAllByRole("option", { name: new RegExp(sonnet) })).toHaveLength(1);
    expect(await option(sonnet)).toHaveAccessibleName(/Anthropic.*takes images.*shows its thinking.*eu-central-1, eu-north-1 and 4 more/);
    expect(await option("Claude Opus")).toHaveAccessibleName(/any region worldwide/);
    expect(await option("Claude 3 Haiku")).toHaveAccessibleName(/legacy.*stays in eu-central-1/);
    expect(await option("Llama 3.2 3B")).toHaveAccessibleName(/takes no images.*uses no tools/);
    expect(await option("qwen3")).toHaveAccessibleName(/this machine/);
    // Nothing is said of what nobody knows.
    expect(await option("mistral-small")).toHaveAccessibleName("mistral-small this machine");
  });

  it("words_narrow_the_list_and_enter_takes_the_best_fit", async () => {
    const { user, world } = await openPicker("", "What do I love, again?");
    await user.keyboard("nova");
    expect(screen.getAllByTestId("model-option")).toHaveLength(2);
    await user.keyboard("{ArrowDown}{Enter}");
    await waitFor(() => expect(screen.getByTestId("model-chip")).toHaveTextContent("Nova Pro · Bedrock"));
    expect(screen.queryByTestId("model-picker")).not.toBeInTheDocument();
    expect(world.sessions.find((session) => session.id === id("love"))?.model?.id).toBe("eu.amazon.nova-pro-v1:0");
    expect(world.settings.model?.id).toContain("sonnet");
    await user.type(await composer(), "Who are you?{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveTextContent("Nova Pro"));
  });

  it("chosen_model_comes_first_next_time_and_as_in_the_settings_takes_it_back", async () => {
    const { user, world } = await openPicker("", "What do I love, again?");
    expect(screen.queryByTestId("model-reset")).not.toBeInTheDocument();
    await user.click(await option("qwen3"));
    await waitFor(() => expect(screen.getByTestId("model-chip")).toHaveTextContent("qwen3:8b"));
    await user.click(screen.getByTestId("model-chip"));
    expect(await screen.findByRole("group", { name: "Recent" })).toHaveTextContent("qwen3:8b");
    expect(screen.getAllByRole("option", { name: /qwen3/ })).toHaveLength(1);
    await user.click(screen.getByTestId("model-reset"));
    await waitFor(() => expect(screen.getByTestId("model-chip")).toHaveTextContent(sonnet));
    expect(world.sessions.find((session) => session.id === id("love"))?.model).toBeNull();
  });

  it("model_with_several_routes_asks_how_far_the_request_may_travel", async () => {
    const { user, world } = await openPicker("", "What do I love, again?");
    await user.keyboard("sonnet{ArrowRight}");
    const routes = await screen.findAllByTestId("model-route");
    expect(routes.map((route) => route.dataset.reach)).toEqual(["region", "geography", "global"]);
    expect(routes[1]).toHaveFocus();
    expect(routes[1]).toHaveTextContent("eu-south-2");
    await user.keyboard("{ArrowDown}{Enter}");
    await waitFor(() =>
      expect(world.sessions.find((session) => session.id === id("love"))?.model?.id).toBe(
        "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
      ),
    );
    await user.click(screen.getByTestId("model-chip"));
    expect(await option(sonnet)).toHaveAccessibleName(/any region worldwide/);
  });

  it("arrow_left_goes_back_to_the_list_and_escape_closes_it", async () => {
    const { user } = await openPicker();
    await user.keyboard("haiku 4.5{ArrowRight}");
    await screen.findAllByTestId("model-route");
    await user.keyboard("{ArrowLeft}");
    expect(await screen.findByTestId("model-search")).toHaveFocus();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("model-picker")).not.toBeInTheDocument());
    expect(screen.getByTestId("model-chip")).toHaveFocus();
  });

  it("escape_in_the_picker_does_not_stop_the_reply", async () => {
    const { user, world } = openApp();
    world.pace = 4;
    await user.type(await composer(), "a long story{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveTextContent(/engine/));
    await user.click(screen.getByTestId("model-chip"));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("model-picker")).not.toBeInTheDocument());
    expect(calls(world, "chat_stop")).toHaveLength(0);
    await user.click(screen.getByTestId("stop"));
    await screen.findByTestId("send");
  });

  it("shortcut_opens_the_picker_and_closes_it", async () => {
    const { user } = openApp();
    await composer();
    await user.keyboard("{Control>}{Shift>}m{/Shift}{/Control}");
    expect(await screen.findByTestId("model-search")).toHaveFocus();
    await user.keyboard("{Control>}{Shift>}m{/Shift}{/Control}");
    await waitFor(() => expect(screen.queryByTestId("model-picker")).not.toBeInTheDocument());
  });

  it("choice_in_a_new_chat_goes_with_the_first_message", async () => {
    const { user, world } = await openPicker();
    await user.click(await option("Nova Pro"));
    expect(screen.getByTestId("model-chip")).toHaveTextContent("Nova Pro");
    expect(calls(world, "session_set_model")).toHaveLength(0);
    await user.type(await composer(), "Who are you?{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    expect(calls(world, "chat_send")[0]?.args).toMatchObject({ request: { model: { id: "eu.amazon.nova-pro-v1:0" } } });
    await user.keyboard("{Control>}n{/Control}");
    await waitFor(() => expect(screen.getByTestId("model-chip")).toHaveTextContent(sonnet));
  });

  it.each([
    ["arn:aws:bedrock:eu-west-1:1:application-inference-profile/x", "Amazon Bedrock", { provider: "bedrock" }],
    ["qwen.qwen9-coder-v1:0", "Amazon Bedrock", { provider: "bedrock" }],
    ["llama9.9:70b", "ollama", { provider: "openai", id: "llama9.9:70b" }],
    ["openai@openrouter:nobody/new-1", "openrouter", { provider: "openai", server: "openrouter", id: "nobody/new-1" }],
  ])("id_typed_by_hand %s goes to %s", async (text, who, model) => {
    const { user, world } = await openPicker("?catalogue=big", "What do I love, again?");
    await user.click(screen.getByTestId("model-search"));
    await user.paste(text);
    expect(await option("Use “")).toHaveAccessibleName(new RegExp(`as an id at ${who}$`));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(calls(world, "session_set_model")[0]?.args).toMatchObject({ model }));
  });

  it("typed_model_is_remembered_and_can_be_forgotten", async () => {
    const { user, world } = await openPicker("", "What do I love, again?");
    await user.keyboard("llama9.9:70b{Enter}");
    await waitFor(() => expect(screen.getByTestId("model-chip")).toHaveTextContent("llama9.9:70b"));
    await user.click(screen.getByTestId("model-chip"));
    expect(await option("llama9.9")).toHaveAccessibleName(/typed/);
    await user.click(screen.getByTestId("model-forget"));
    await waitFor(() => expect(world.settings.models_typed).toEqual([]));
    await waitFor(() => expect(screen.queryByTestId("model-forget")).not.toBeInTheDocument());
  });

  it("list_that_could_not_be_had_says_why_and_leads_to_the_settings", async () => {
    const { user } = await openPicker("?catalogue=problems");
    const problems = screen.getAllByTestId("models-problem");
    expect(problems[0]).toHaveTextContent(/^Bedrock: Access was denied\. Allow bedrock:ListFoundationModels/);
    expect(problems[1]).toHaveTextContent(/^ollama: The model could not be reached\. Start Ollama/);
    await user.click(within(problems[0] as HTMLElement).getByRole("button"));
    expect(await screen.findByTestId("settings-screen")).toBeInTheDocument();
  });

  it("model_that_answers_now_is_listed_even_if_no_list_has_it", async () => {
    await openPicker("?catalogue=empty");
    expect(await option("claude-sonnet-4-5")).toHaveAttribute("aria-current", "true");
    expect(screen.queryByTestId("models-problem")).not.toBeInTheDocument();
  });

  it("nothing_set_up_leads_to_the_settings", async () => {
    await openPicker("?catalogue=empty&model=offline");
    expect(screen.getByTestId("models-problem")).toHaveTextContent("No model is set up yet.");
  });

  it("refresh_asks_the_providers_again", async () => {
    const { user, world } = await openPicker();
    await user.click(screen.getByTestId("models-refresh"));
    // Then what they said is read, and whatever else has changed since.
    await waitFor(() =>
      expect(
        calls(world, "model_catalogue")
          .slice(-2)
          .map(({ args }) => args),
      ).toEqual([{ refresh: true }, { refresh: false }]),
    );
  });

  it("nobody_is_asked_for_lists_before_somebody_wants_to_see_them", async () => {
    const { world } = openApp();
    await composer();
    expect(calls(world, "model_catalogue")).toHaveLength(0);
  });

  it("two_hundred_models_are_not_drawn_at_once_and_all_are_found", async () => {
    const { user } = await openPicker("?catalogue=big");
    expect(screen.getAllByTestId("model-option").length).toBeLessThan(80);
    await user.keyboard("juniper-227b");
    expect(screen.getAllByTestId("model-option")).toHaveLength(1);
  });
});

describe("another model for the same question", () => {
  it("again_with_another_model_keeps_both_answers_and_says_who_answered", async () => {
    const { user, world } = openApp();
    await openChat(user, "What do I love, again?");
    const last = () => within(answers().at(-1) as HTMLElement);
    await user.click(last().getByTestId("again-with"));
    await screen.findAllByTestId("model-option");
    await user.keyboard("nova pro{Enter}");
    await waitFor(() => expect(last().getByTestId("versions")).toHaveTextContent("3 / 3"));
    expect(last().getByTestId("answer-meta")).toHaveTextContent(/^Nova Pro/);
    expect(calls(world, "chat_regenerate")[0]?.args).toMatchObject({ model: { id: "eu.amazon.nova-pro-v1:0" } });
    // Only this once: the chat keeps its model.
    expect(calls(world, "session_set_model")).toHaveLength(0);
    await user.click(last().getByRole("button", { name: "Previous version" }));
    expect(last().getByTestId("answer-meta")).toHaveTextContent(/^Claude Sonnet 4.5/);
  });

  it("failed_answer_offers_the_next_of_the_list", async () => {
    const { user, world } = openApp("?offer");
    await user.type(await composer(), "credentials please{Enter}");
    const card = within(await screen.findByTestId("failure-card"));
    world.manner.clear();
    world.messages.forEach((message) => {
      message.content = message.content.replace("credentials", "words");
    });
    await user.click(card.getByTestId("answer-with"));
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    expect(calls(world, "chat_regenerate")[0]?.args).toMatchObject({ model: { id: "eu.amazon.nova-pro-v1:0" } });
    expect(screen.queryByTestId("failure-card")).not.toBeInTheDocument();
  });

  it("answer_in_place_of_another_says_so_also_after_a_reload", async () => {
    const { user } = openApp("?rich");
    await openChat(user, "Which loom was it?");
    expect(within(answers().at(-1) as HTMLElement).getByTestId("notes")).toHaveTextContent(
      "nova-pro answered instead of claude-sonnet-4-5.",
    );
  });
});

describe("lists that are slow or fail", () => {
  it("typed_id_does_not_wait_for_the_lists", async () => {
    const { user, world } = openApp();
    await openChat(user, "What do I love, again?");
    world.latency = () => new Promise(() => {});
    await user.click(screen.getByTestId("model-chip"));
    await user.keyboard("llama9.9:70b");
    expect(await option("Use “llama9.9:70b”")).toBeInTheDocument();
    expect(screen.getByRole("status", { name: "Loading…" })).toBeInTheDocument();
  });

  it("failed_lists_say_so_and_lead_to_the_settings", async () => {
    const { user, world } = openApp();
    await composer();
    world.refuse.model_catalogue = { code: "internal", message: "the lists broke", hint: "try again", retryable: true, id: "1" };
    await user.click(screen.getByTestId("model-chip"));
    expect(await screen.findByTestId("models-problem")).toHaveTextContent("The lists could not be read. The lists broke. Try again.");
  });

  it("refused_choice_is_taken_back", async () => {
    const { user, world } = await openPicker("", "What do I love, again?");
    world.refuse.session_set_model = { code: "store_full", message: "the disk is full", hint: "free some space", retryable: true, id: "1" };
    await user.click(await option("qwen3"));
    expect(await screen.findByTestId("toast")).toHaveTextContent("The disk is full");
    await waitFor(() => expect(screen.getByTestId("model-chip")).toHaveTextContent(sonnet));
  });
});
