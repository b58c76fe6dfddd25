import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Message } from "@/bindings";
import { id } from "@/host/fake/sample";
import { readDraft } from "@/lib/drafts";
import { answers, composer, openApp, openChat } from "./app";

describe("a conversation", () => {
  it("message_is_answered_and_announced_once", async () => {
    const { user, world } = openApp();
    await user.type(await composer(), "Who are you?{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    await waitFor(() => expect(answers().at(-1)).toHaveTextContent("I am Ada"));
    expect(screen.getByTestId("announcement")).toHaveTextContent(/^Ada Lovelace: I am Ada/);
    expect(screen.getByTestId("composer")).toHaveValue("");
    expect(world.sessions.some((session) => session.title === "Who are you?")).toBe(true);
    expect(world.calls.filter((call) => call.name === "window_ready").length).toBeLessThanOrEqual(1);
  });

  it("message_that_was_not_accepted_keeps_the_draft", async () => {
    const { user } = openApp();
    await user.type(await composer(), "reject me{Enter}");
    expect(await screen.findByTestId("send-error")).toHaveTextContent("The disk is full");
    expect(screen.getByTestId("composer")).toHaveValue("reject me");
    expect(screen.queryByTestId("message")).not.toBeInTheDocument();
  });

  it("what_is_being_sent_stays_a_draft_until_it_is_stored", async () => {
    const { user, world } = openApp();
    const field = await composer();
    let accept = () => {};
    world.latency = () =>
      new Promise((done) => {
        accept = done;
      });
    await user.type(field, "not yet on disk{Enter}");
    expect(field).toHaveValue("");
    expect(readDraft("new:owner")).toBe("not yet on disk");
    world.latency = () => Promise.resolve();
    accept();
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    expect(readDraft("new:owner")).toBe("");
  });

  it("what_is_typed_before_the_chat_has_begun_stays_in_the_field_and_what_is_being_sent_does_not_come_back", async () => {
    const { user, world } = openApp();
    let accept = () => {};
    world.latency = () =>
      new Promise((done) => {
        accept = done;
      });
    await user.type(await composer(), "not yet on disk{Enter}");
    const send = accept;
    world.latency = () => Promise.resolve();
    await user.click(screen.getByTestId("open-settings"));
    await screen.findByTestId("settings-screen");
    await user.click(screen.getByTestId("nav-chat"));
    expect(await composer()).toHaveValue("");
    await user.type(await composer(), "and more");
    send();
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    expect(await composer()).toHaveValue("and more");
    expect(readDraft("new:owner")).toBe("");
  });

  it("a_second_answer_that_fails_says_so_below_the_first", async () => {
    const { user, world } = openApp();
    await user.type(await composer(), "Who are you?{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    world.silent = { code: "unreachable", message: "nobody answers at 127.0.0.1", hint: "start the server", retryable: true };
    await user.click(await screen.findByRole("button", { name: "Again" }));
    expect(await screen.findByTestId("failure-card")).toHaveTextContent(/nobody answers at 127/i);
    expect(answers()).toHaveLength(1);
    world.silent = null;
    await user.click(within(screen.getByTestId("failure-card")).getByTestId("try-again"));
    await waitFor(() => expect(screen.queryByTestId("failure-card")).not.toBeInTheDocument());
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
  });

  it("escape_stops_and_keeps_what_was_said", async () => {
    const { user, world } = openApp();
    world.pace = 4;
    await user.type(await composer(), "a long story{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveTextContent(/engine weaves/));
    expect(answers().at(-1)).toHaveAttribute("aria-busy", "true");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "stopped"));
    expect(answers().at(-1)).toHaveTextContent(/engine weaves/);
    expect(answers().at(-1)).toHaveTextContent("Stopped");
    expect(await screen.findByTestId("send")).toBeInTheDocument();
  });

  it("stop_before_the_message_is_stored_stops_once_it_is", async () => {
    const { user, world } = openApp();
    world.pace = 4;
    let accept = () => {};
    const field = await composer();
    world.latency = () =>
      new Promise((done) => {
        accept = done;
      });
    await user.type(field, "a long story{Enter}");
    await user.click(screen.getByTestId("stop"));
    world.latency = () => Promise.resolve();
    accept();
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "stopped"));
  });

  it("one_can_write_but_not_send_while_a_reply_streams", async () => {
    const { user, world } = openApp();
    world.pace = 4;
    await user.type(await composer(), "a long story{Enter}");
    await user.type(await composer(), "next{Enter}");
    expect(screen.getByTestId("composer")).toHaveValue("next");
    expect(world.calls.filter((call) => call.name === "chat_send")).toHaveLength(1);
    await user.click(screen.getByTestId("stop"));
    await screen.findByTestId("send");
  });

  it("shift_enter_is_a_new_line_and_composition_is_not_a_send", async () => {
    const { user, world } = openApp();
    const field = await composer();
    await user.type(field, "one{Shift>}{Enter}{/Shift}two");
    expect(field).toHaveValue("one\ntwo");
    fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
    expect(world.calls.some((call) => call.name === "chat_send")).toBe(false);
  });

  it("again_makes_a_version_and_the_switcher_returns_to_the_first", async () => {
    const { user, world } = openApp();
    await openChat(user, "What do I love, again?");
    const last = () => within(answers().at(-1) as HTMLElement);
    expect(last().getByTestId("versions")).toHaveTextContent("2 / 2");
    await user.click(last().getByRole("button", { name: "Again" }));
    await waitFor(() => expect(last().getByTestId("versions")).toHaveTextContent("3 / 3"));
    await user.click(last().getByRole("button", { name: "Previous version" }));
    await user.click(last().getByRole("button", { name: "Previous version" }));
    expect(answers().at(-1)).toHaveTextContent("Fred, and Python.");
    expect(world.sessions.find((session) => session.id === id("love"))?.head).toBe(id("a2a"));
  });

  it("failed_reply_says_cause_and_next_step_and_tries_again", async () => {
    const { user, world } = openApp();
    await openChat(user, "Letter to Babbage, second draft");
    const card = within(await screen.findByTestId("failure-card"));
    expect(card.getByText("No credentials were found")).toBeInTheDocument();
    expect(card.getByText(/enter keys in Settings/)).toBeInTheDocument();
    await user.click(card.getByTestId("try-again"));
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    expect(world.calls.find((call) => call.name === "chat_regenerate")?.args).toMatchObject({ messageId: id("l1") });
    expect(screen.queryByTestId("failure-card")).not.toBeInTheDocument();
  });

  it("failed_reply_offers_settings", async () => {
    const { user } = openApp();
    await openChat(user, "Letter to Babbage, second draft");
    await user.click(await screen.findByRole("button", { name: "Open settings" }));
    expect(await screen.findByTestId("settings-screen")).toBeInTheDocument();
  });

  it("question_without_answer_and_cut_answer_can_be_tried_again", async () => {
    const { user } = openApp();
    await openChat(user, "Is the engine a mind?");
    await user.click(within(await screen.findByTestId("no-answer")).getByTestId("try-again"));
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    await openChat(user, "Notes on the Bernoulli programme");
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "interrupted"));
    expect(answers().at(-1)).toHaveTextContent("Cut off");
    await user.click(within(answers().at(-1) as HTMLElement).getByTestId("try-again"));
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
  });

  it("draft_stays_with_its_session", async () => {
    const { user } = openApp();
    await user.type(await composer(), "half a thought");
    await openChat(user, "What do I love, again?");
    expect(screen.getByTestId("composer")).toHaveValue("");
    await user.keyboard("{Control>}n{/Control}");
    expect(screen.getByTestId("composer")).toHaveValue("half a thought");
  });

  it("visitor_has_own_sessions_and_a_banner", async () => {
    const { user, world } = openApp();
    await composer();
    await user.click(screen.getByRole("radio", { name: "As a visitor" }));
    expect(await screen.findByTestId("visitor-banner")).toHaveTextContent("private files");
    expect(await screen.findByText("Who is Ada Lovelace?")).toBeInTheDocument();
    expect(screen.queryByText("What do I love, again?")).not.toBeInTheDocument();
    expect(world.settings.audience).toBe("visitor");
    await user.type(screen.getByTestId("composer"), "hello{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    expect(world.calls.find((call) => call.name === "chat_send")?.args).toMatchObject({ request: { audience: "visitor" } });
  });

  it("why_this_answer_leads_to_the_message_and_to_the_file", async () => {
    const { user } = openApp();
    await openChat(user, "What do I love, again?");
    await user.click(screen.getByTestId("why-toggle"));
    const panel = within(await screen.findByTestId("why-panel"));
    const passages = await panel.findAllByTestId("passage");
    expect(passages[0]).toHaveTextContent(/you said.*in “What do I love, again\?”/);
    expect(panel.getByTestId("why-parts").querySelector("[data-fate=omitted]")).toHaveTextContent("linkedin.pdf");
    await user.click(panel.getByTestId("show-prompt"));
    expect(await screen.findByTestId("prompt-text")).toHaveTextContent("Invent nothing");
    await user.keyboard("{Escape}");
    await user.click(passages[0] as HTMLElement);
    await waitFor(() => expect(document.querySelector("[data-flash]")).toHaveAttribute("data-message-id", id("u1")));
    await user.click((await screen.findAllByTestId("passage"))[2] as HTMLElement);
    expect(await screen.findByTestId("persona-screen")).toBeInTheDocument();
    expect(await screen.findByRole("textbox", { name: "Text of summary.md" })).toBeInTheDocument();
  });

  it("offline_answer_claims_nothing_was_sent", async () => {
    const { user } = openApp("?odd&model=offline");
    await openChat(user, "What’s my name and what do I love?");
    await user.click(screen.getByTestId("why-toggle"));
    const panel = within(await screen.findByTestId("why-panel"));
    expect(await panel.findByText("Nothing left this device.")).toBeInTheDocument();
    expect(panel.queryByText("What was sent")).not.toBeInTheDocument();
    expect(panel.queryByText("Room for")).not.toBeInTheDocument();
    expect(panel.getAllByTestId("passage")[1]).toHaveTextContent(/^2Mathematician, London\.linkedin\.pdf$/);
    await user.click(panel.getByTestId("show-prompt"));
    expect(await screen.findByTestId("prompt-dialog")).toHaveTextContent("For this answer nothing was sent");
  });
});

describe("what an answer may contain", () => {
  const show = async (content: string) => {
    const app = openApp();
    const message = app.world.messages.find((one) => one.id === id("a2b")) as Message;
    message.content = content;
    await openChat(app.user, "What do I love, again?");
    return app;
  };

  it("raw_html_and_pictures_stay_words", async () => {
    await show('<img src=x onerror="boom()"> <script>boom()</script>\n\n![a cat](https://evil.example/cat.png)');
    await screen.findByText("[picture not shown: a cat]");
    const answer = answers().at(-1) as HTMLElement;
    expect(answer.querySelector("img, script, iframe")).toBeNull();
    expect(answer).toHaveTextContent("onerror");
  });

  it("quotation_names_its_source_apart_from_its_words", async () => {
    await show("> I love Python\n>\n> — you said on 17 November 2026");
    const source = await screen.findByText("— you said on 17 November 2026");
    expect(source).toHaveAttribute("data-attribution", "true");
    expect(screen.getByText("I love Python")).not.toHaveAttribute("data-attribution");
  });

  it("link_asks_with_the_real_host_and_never_navigates", async () => {
    const { user, world } = await show("[https://bank.example](https://evil.example/login)");
    const link = await screen.findByRole("button", { name: "https://bank.example" });
    expect(document.querySelector("a[href]")).toBeNull();
    await user.click(link);
    expect(await screen.findByTestId("link-host")).toHaveTextContent("evil.example");
    expect(world.opened).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Open link" }));
    await waitFor(() => expect(world.opened).toEqual(["https://evil.example/login"]));
  });

  it("script_address_is_no_link", async () => {
    await show("[run](javascript:boom()) and [file](file:///etc/passwd) end");
    await waitFor(() => expect(answers().at(-1)).toHaveTextContent("run and file end"));
    expect(screen.queryByRole("button", { name: "run" })).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "file" })).not.toBeInTheDocument();
  });
});
