import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { called, openSettings } from "./settings";

type Opened = Awaited<ReturnType<typeof openSettings>>;
const choose = (user: Opened["user"], name: string | RegExp) => user.click(screen.getByRole("radio", { name }));

describe("models of Bedrock", () => {
  it("a_model_that_only_a_profile_can_call_is_chosen_by_its_name_and_goes_no_further_than_allowed", async () => {
    const { user, world } = await openSettings("?model=offline");
    await choose(user, "Amazon Bedrock");
    await user.click(await screen.findByTestId("bedrock-model"));
    await user.type(screen.getByTestId("bedrock-model"), "anthropic haiku 4.5");
    expect(await screen.findAllByRole("option")).toHaveLength(1);
    await user.keyboard("{ArrowDown}{Enter}");
    expect(screen.getByTestId("bedrock-model")).toHaveValue("eu.anthropic.claude-haiku-4-5-20251001-v1:0");
    expect(screen.getByTestId("bedrock-model-about")).toHaveTextContent("answered within eu, 6 regions");
    // Another reach is another way to the same model; nobody has to know prefixes.
    await choose(user, /^Worldwide/);
    expect(screen.getByTestId("bedrock-model")).toHaveValue("global.anthropic.claude-haiku-4-5-20251001-v1:0");
    await choose(user, /^In the region/);
    expect(screen.getByTestId("too-wide")).toHaveTextContent("There is no narrower way");
    await user.click(screen.getByTestId("settings-save"));
    await waitFor(() => expect(world.settings.model?.id).toBe("eu.anthropic.claude-haiku-4-5-20251001-v1:0"));
    expect(world.settings.bedrock.reach).toBe("region");
    expect(world.settings.models_typed).toEqual([]);
  });

  it("a_model_that_no_list_has_can_be_typed_is_remembered_and_can_be_forgotten", async () => {
    const arn = "arn:aws:bedrock:eu-west-1:1:application-inference-profile/x";
    const { user, world } = await openSettings("?model=offline");
    await choose(user, "Amazon Bedrock");
    await user.click(await screen.findByTestId("settings-save"));
    expect(await screen.findByText(/^Enter a model id/)).toBeInTheDocument();
    await user.type(screen.getByTestId("bedrock-model"), ` ${arn} `);
    await user.click(screen.getByTestId("settings-save"));
    await waitFor(() => expect(world.settings.model).toEqual({ provider: "bedrock", id: arn }));
    expect(world.settings.models_typed).toEqual([{ provider: "bedrock", id: arn }]);
    await user.clear(screen.getByTestId("bedrock-model"));
    await user.type(screen.getByTestId("bedrock-model"), arn);
    await user.click(await screen.findByTestId("forget-typed"));
    await waitFor(() => expect(world.settings.models_typed).toEqual([]));
  });

  it("a_list_that_may_not_be_had_says_why_and_typing_still_works", async () => {
    const { user, world } = await openSettings("?model=offline&catalogue=problems");
    await choose(user, "Amazon Bedrock");
    expect(await screen.findByTestId("list-problem")).toHaveTextContent("bedrock:ListFoundationModels");
    await user.type(screen.getByTestId("bedrock-model"), "amazon.nova-lite-v1:0");
    await user.click(screen.getByTestId("settings-save"));
    await waitFor(() => expect(world.settings.model?.id).toBe("amazon.nova-lite-v1:0"));
  });

  it("escape_closes_the_list_and_leaves_what_was_there", async () => {
    const { user } = await openSettings();
    const field = await screen.findByTestId("bedrock-model");
    await user.click(field);
    expect(await screen.findByRole("listbox")).toBeInTheDocument();
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("listbox")).not.toBeInTheDocument();
    expect(field).toHaveValue("eu.anthropic.claude-sonnet-4-5-20250929-v1:0");
  });
});

describe("credentials of Bedrock", () => {
  it("profiles_are_offered_with_what_they_are_and_any_other_name_can_be_typed", async () => {
    const { user, world } = await openSettings();
    await choose(user, "AWS profile");
    expect(await screen.findByRole("radio", { name: /^vault asks a program for its keys/ })).toBeInTheDocument();
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByText(/^Choose a profile/)).toBeInTheDocument();
    await choose(user, /^Another profile/);
    await user.type(screen.getByTestId("bedrock-profile"), "tomorrow");
    await user.click(screen.getByTestId("settings-save"));
    await waitFor(() => expect(world.settings.bedrock).toMatchObject({ credentials: "profile", profile: "tomorrow" }));
  });

  it("no_profile_at_all_says_where_they_would_be", async () => {
    const { user, models } = await openSettings("?model=offline");
    models.profiles = [];
    await choose(user, "Amazon Bedrock");
    await choose(user, "AWS profile");
    expect(await screen.findByTestId("profiles-none")).toHaveTextContent("~/.aws/config");
    expect(screen.getByTestId("bedrock-profile")).toBeInTheDocument();
  });

  it("an_api_key_is_kept_and_never_shown_again", async () => {
    const { user, world } = await openSettings();
    await choose(user, "Bedrock API key");
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByText("Paste the API key.")).toBeInTheDocument();
    await user.type(screen.getByTestId("bedrock-api-key"), "ABSK-canary");
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByTestId("saved-key")).toHaveTextContent("A key is saved");
    expect(world.settings.bedrock.credentials).toBe("api_key");
    expect(document.body.innerHTML).not.toContain("canary");
    await user.click(screen.getByTestId("key-forget"));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Forget" }));
    expect(await screen.findByTestId("bedrock-api-key")).toBeInTheDocument();
    expect(world.credentials.bedrock_api_key).toBe(false);
  });

  it("access_keys_are_kept_with_their_session_token", async () => {
    const { user, world } = await openSettings();
    await choose(user, "Access keys");
    await user.type(screen.getByTestId("bedrock-access-key"), "ASIA1");
    await user.type(screen.getByTestId("bedrock-secret-key"), "canary");
    await user.type(screen.getByTestId("bedrock-session-token"), "token");
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByTestId("saved-key")).toHaveTextContent("Keys are saved");
    const saved = world.calls.find(({ name }) => name === "credentials_save");
    expect(saved?.args.credentials).toMatchObject({ provider: "bedrock", access_key_id: "ASIA1", session_token: "token" });
  });

  it("a_key_in_the_environment_that_is_not_used_is_said", async () => {
    const { models, user } = await openSettings("?model=offline");
    if ("code" in models.identity) throw new Error("the fake has an identity");
    models.identity.ignored = ["AWS_BEARER_TOKEN_BEDROCK"];
    await choose(user, "Amazon Bedrock");
    expect(await screen.findByTestId("identity-ignored")).toHaveTextContent(
      "AWS_BEARER_TOKEN_BEDROCK is set on this machine. It is not used, because you chose profile work.",
    );
    expect(screen.getByTestId("aws-identity")).toHaveTextContent("Identity in useprofile work");
    expect(screen.getByTestId("aws-identity")).toHaveTextContent("access key ends with 7Q4X");
  });

  it.each([
    [3 * 60, false, "good for 3 h"],
    [12, true, "good for 12 minutes"],
    [-5, true, "has expired"],
  ])("credentials that end in %d minutes warn: %s", async (minutes, warns, text) => {
    const { models, user } = await openSettings("?model=offline");
    if ("code" in models.identity) throw new Error("the fake has an identity");
    models.identity.expires_at = new Date(Date.now() + minutes * 60_000).toISOString();
    await choose(user, "Amazon Bedrock");
    expect(await screen.findByTestId("identity-expiry")).toHaveTextContent(text);
    expect(screen.queryByTestId("identity-ends") !== null).toBe(warns);
  });

  it("the_identity_of_other_credentials_than_the_saved_ones_is_not_claimed", async () => {
    const { user } = await openSettings();
    expect(await screen.findByText("profile work")).toBeInTheDocument();
    await choose(user, "AWS profile");
    await user.click(await screen.findByRole("radio", { name: /^default/ }));
    expect(screen.getByTestId("aws-identity")).not.toHaveTextContent("Identity in use");
  });
});

describe("signing in again", () => {
  const expired = {
    code: "sign_in_expired" as const,
    message: "the sign-in of profile work has expired",
    hint: "sign in again",
    retryable: true,
  };

  async function begin() {
    const opened = await openSettings("?model=offline");
    opened.models.identity = expired;
    opened.world.settings.bedrock = { ...opened.world.settings.bedrock, credentials: "profile", profile: "work" };
    const { user } = opened;
    await choose(user, "Amazon Bedrock");
    await choose(user, "AWS profile");
    await user.click(await screen.findByRole("radio", { name: /^work signs in/ }));
    await user.click(screen.getByRole("button", { name: "Save and list models" }));
    await user.click(await screen.findByTestId("sign-in-again"));
    expect(await screen.findByTestId("sign-in-code")).toHaveTextContent("QKHD-RZNW");
    return opened;
  }

  it("an_expired_sign_in_is_renewed_here_without_a_restart", async () => {
    const { user, models } = await begin();
    // Everything stays usable while the browser waits.
    await user.type(screen.getByTestId("bedrock-model"), "amazon.nova");
    await user.click(screen.getByTestId("sign-in-link"));
    expect(await navigator.clipboard.readText()).toContain("user_code=QKHD-RZNW");
    act(() => models.signIn?.finish());
    await waitFor(() => expect(screen.getByTestId("aws-identity")).toHaveTextContent("access key ends with M2LK"));
    expect(screen.queryByTestId("sign-in")).not.toBeInTheDocument();
    expect(screen.getByTestId("bedrock-model")).toHaveValue("amazon.nova");
  });

  it("signing_in_outlives_the_screen_and_can_be_given_up", async () => {
    const { user, world, models } = await begin();
    await user.click(screen.getByTestId("nav-chat"));
    await user.click(screen.getByTestId("open-settings"));
    await choose(user, "Amazon Bedrock");
    await user.click(await screen.findByTestId("sign-in-cancel"));
    await waitFor(() => expect(models.signIn).toBeNull());
    expect(called(world, /sign_in/)).toEqual(["aws_sign_in", "aws_sign_in_cancel"]);
    expect(screen.queryByTestId("sign-in")).not.toBeInTheDocument();
    expect(screen.queryByTestId("sign-in-error")).not.toBeInTheDocument();
  });

  it("a_sign_in_that_fails_says_why_and_can_be_tried_again", async () => {
    const { models } = await begin();
    act(() => models.signIn?.cancel());
    expect(await screen.findByTestId("sign-in-error")).toHaveTextContent("Signing in was given up.");
  });
});

describe("the connection test", () => {
  it("ticks_off_identity_list_and_invoke", async () => {
    const { user, world } = await openSettings();
    await user.click(await screen.findByTestId("bedrock-test-run"));
    for (const step of ["identity", "list", "invoke"])
      await waitFor(() => expect(screen.getByTestId(`test-step-${step}`)).toHaveAttribute("data-state", "passed"));
    expect(screen.getByTestId("test-step-list")).toHaveTextContent("6 models");
    expect(called(world, /settings_save/)).toEqual([]);
  });

  it("access_denied_names_the_missing_permission_and_the_policy_can_be_copied", async () => {
    const { user, models } = await openSettings();
    models.failsAt = "invoke";
    await user.click(await screen.findByTestId("bedrock-test-run"));
    expect(await screen.findByTestId("missing-action")).toHaveTextContent("bedrock:InvokeModelWithResponseStream");
    const step = screen.getByTestId("test-step-invoke");
    expect(step).toHaveTextContent("These credentials may not use Claude Sonnet 4.5.");
    expect(step).toHaveTextContent("Ask whoever runs the AWS account to allow it.");
    await user.click(screen.getByTestId("copy-policy"));
    await waitFor(async () => expect(await navigator.clipboard.readText()).toContain("bedrock:InvokeModel"));
  });

  it("steps_after_a_failed_identity_are_said_to_be_untried", async () => {
    const { user, models } = await openSettings();
    models.failsAt = "identity";
    await user.click(await screen.findByTestId("bedrock-test-run"));
    await waitFor(() => expect(screen.getByTestId("test-step-invoke")).toHaveAttribute("data-state", "skipped"));
    expect(screen.getByTestId("test-step-identity")).toHaveAttribute("data-state", "failed");
  });

  it("tests_what_is_saved_and_so_saves_first_but_uses_no_other_model", async () => {
    const { user, world } = await openSettings("?model=offline");
    await choose(user, "Amazon Bedrock");
    await user.clear(await screen.findByTestId("bedrock-region"));
    await user.type(screen.getByTestId("bedrock-region"), "eu-west-1");
    await user.click(screen.getByRole("button", { name: "Save and test" }));
    await waitFor(() => expect(screen.getByTestId("test-step-list")).toHaveAttribute("data-state", "passed"));
    expect(called(world, /settings_save|bedrock_test/)).toEqual(["settings_save", "bedrock_test"]);
    expect(world.settings.bedrock.region).toBe("eu-west-1");
    expect(world.settings.model?.provider).toBe("offline");
    expect(screen.getByTestId("test-step-invoke")).toHaveTextContent("not tried: no model is chosen");
    expect(screen.getByRole("button", { name: "Test connection" })).toBeInTheDocument();
  });
});

describe("what few need", () => {
  it("is_folded_away_and_opens_by_itself_when_something_in_it_is_set", async () => {
    const { user, world } = await openSettings();
    const advanced = await screen.findByTestId("bedrock-advanced");
    expect(advanced).not.toHaveAttribute("open");
    await user.click(within(advanced).getByText("Advanced"));
    await user.type(screen.getByTestId("bedrock-endpoint"), "https://vpce-runtime.example");
    await user.type(screen.getByTestId("bedrock-control-endpoint"), "https://vpce-control.example");
    await user.type(screen.getByTestId("guardrail-id"), "gr-1");
    await user.click(screen.getByTestId("settings-save"));
    expect(await screen.findByText("A guardrail needs both its id and its version.")).toBeInTheDocument();
    await user.type(screen.getByTestId("guardrail-version"), "DRAFT");
    await user.click(within(screen.getByTestId("service-tier")).getByRole("radio", { name: "Flex" }));
    await user.click(screen.getByTestId("low-latency"));
    await user.click(screen.getByTestId("settings-save"));
    await waitFor(() =>
      expect(world.settings.bedrock).toMatchObject({
        endpoint_url: "https://vpce-runtime.example",
        control_endpoint_url: "https://vpce-control.example",
        guardrail: { id: "gr-1", version: "DRAFT" },
        service_tier: "flex",
        low_latency: true,
      }),
    );
    await user.click(screen.getByTestId("nav-chat"));
    await user.click(screen.getByTestId("open-settings"));
    expect(await screen.findByTestId("bedrock-advanced")).toHaveAttribute("open");
  });
});
