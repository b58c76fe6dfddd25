import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { Found } from "@/bindings";
import { commandNames } from "@/host/fake/commands";
import { id } from "@/host/fake/sample";
import { clearStores } from "@/lib/store";
import { answers, openApp, openChat } from "./app";

type App = ReturnType<typeof openApp>;

const title = "What do I love, again?";
const questions = () => screen.getAllByTestId("message").filter((message) => message.dataset.role === "user");
const lastQuestion = () => within(questions().at(-1) as HTMLElement);
const whole = () => waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
const sent = ({ world }: App) => world.calls.find((call) => call.name === "chat_send")?.args;

async function openEditor(scene = "", chat = title) {
  const app = openApp(scene);
  await openChat(app.user, chat);
  await app.user.click(within(questions()[scene ? 0 : 1] as HTMLElement).getByRole("button", { name: "Edit" }));
  return { ...app, field: await screen.findByRole("textbox", { name: "Edit the message" }) };
}

async function chooseMore(app: App, message: HTMLElement, item: string) {
  await app.user.click(within(message).getByRole("button", { name: "More" }));
  await app.user.click(await screen.findByRole("menuitem", { name: item }));
}

describe("editing a message", () => {
  it("makes_another_version_in_the_same_place_and_keeps_the_old_one", async () => {
    const app = await openEditor();
    expect(app.field).toHaveFocus();
    await app.user.clear(app.field);
    await app.user.type(app.field, "Who are you?{Enter}");
    await whole();
    expect(sent(app)).toMatchObject({ request: { text: "Who are you?", edits: id("u2") } });
    expect(screen.queryByTestId("editor")).not.toBeInTheDocument();
    await waitFor(() => expect(answers().at(-1)).toHaveTextContent("I am Ada"));
    await waitFor(() => expect(lastQuestion().getByTestId("versions")).toHaveTextContent("2 / 2"));
    await app.user.click(lastQuestion().getByRole("button", { name: "Previous version" }));
    await waitFor(() => expect(lastQuestion().getByText("What’s my name, and what do I love?")).toBeInTheDocument());
    await waitFor(() => expect(answers().at(-1)).toHaveTextContent("You are Fred"));
    expect(answers()).toHaveLength(2);
  });

  it("first_message_can_be_edited_too", async () => {
    const app = openApp();
    await openChat(app.user, title);
    await app.user.click(within(questions()[0] as HTMLElement).getByRole("button", { name: "Edit" }));
    await app.user.type(await screen.findByTestId("editor-text"), " Truly.{Enter}");
    await whole();
    await waitFor(() => expect(questions()).toHaveLength(1));
    expect(app.world.messages.find((one) => one.content.endsWith("Truly."))?.parent_id).toBeNull();
  });

  it("is_kept_over_another_chat_and_over_a_new_window", async () => {
    const app = await openEditor();
    await app.user.type(app.field, " And whom?");
    await openChat(app.user, "Is the engine a mind?");
    expect(screen.queryByTestId("editor")).not.toBeInTheDocument();
    await openChat(app.user, title);
    expect(await screen.findByTestId("editor-text")).toHaveValue("What’s my name, and what do I love? And whom?");
    cleanup();
    clearStores();
    await openChat(openApp().user, title);
    expect(await screen.findByTestId("editor-text")).toHaveValue("What’s my name, and what do I love? And whom?");
  });

  it("that_is_not_accepted_leaves_everything_as_it_was_with_the_text_in_the_field", async () => {
    const app = await openEditor();
    await app.user.type(app.field, " reject");
    await app.user.click(screen.getByRole("button", { name: "Save & send" }));
    expect(await screen.findByText(/disk is full, the message could not be stored/i)).toBeInTheDocument();
    expect(await screen.findByTestId("editor-text")).toHaveValue("What’s my name, and what do I love? reject");
    expect(answers().at(-1)).toHaveTextContent("You are Fred");
  });

  it("that_is_given_up_can_be_taken_up_again", async () => {
    const app = await openEditor();
    await app.user.type(app.field, " And whom?{Escape}");
    expect(screen.queryByTestId("editor")).not.toBeInTheDocument();
    await waitFor(() => expect(lastQuestion().getByTestId("edit")).toHaveFocus());
    await app.user.click(screen.getByRole("button", { name: "Edit on" }));
    expect(await screen.findByTestId("editor-text")).toHaveValue("What’s my name, and what do I love? And whom?");
  });

  it("keeps_its_files_without_those_that_were_taken_away_or_left_out", async () => {
    const app = await openEditor("?rich", "Which loom was it?");
    const files = within(screen.getByRole("list", { name: "Files that go along" }));
    expect(files.getAllByRole("listitem").map((file) => file.textContent)).toEqual([
      "pattern-card.png",
      "notes on the loom.pdf",
      "gone.jpg",
    ]);
    await app.user.click(files.getByRole("button", { name: "Take gone.jpg away" }));
    await app.user.click(files.getByRole("button", { name: "Take notes on the loom.pdf away" }));
    await app.user.type(app.field, " Truly?{Enter}");
    await whole();
    expect(screen.getAllByTestId("sent-file").map((file) => file.dataset.name)).toEqual(["pattern-card.png"]);
    expect(app.world.messages.find((one) => one.id === id("ru1"))?.attachments).toHaveLength(4);
  });

  it("that_needs_a_file_which_is_not_here_says_so", async () => {
    const app = await openEditor("?rich", "Which loom was it?");
    await app.user.type(app.field, " Truly?{Enter}");
    expect(await screen.findByText(/file is not on this device/i)).toBeInTheDocument();
    expect(screen.getByTestId("editor-text")).toHaveValue("Which loom was this woven on? Truly?");
  });
});

describe("another answer that brings no word", () => {
  it("leaves_the_one_that_was_there_and_what_follows_it", async () => {
    const app = openApp();
    await openChat(app.user, title);
    app.world.silent = { code: "unreachable", message: "nobody answers", hint: "start the server", retryable: true };
    await app.user.click(within(answers()[0] as HTMLElement).getByRole("button", { name: "Again" }));
    await waitFor(() => expect(app.world.calls.some((call) => call.name === "chat_regenerate")).toBe(true));
    await waitFor(() => expect(answers()).toHaveLength(2));
    expect(answers().at(-1)).toHaveTextContent("You are Fred");
  });
});

describe("a fork", () => {
  const find = (found: Found) => {
    commandNames.message_find = () => found;
  };
  const before = commandNames.message_find;
  afterEach(() => {
    if (before) commandNames.message_find = before;
    else Reflect.deleteProperty(commandNames, "message_find");
  });

  it("is_a_chat_of_its_own_up_to_that_message_and_leads_back", async () => {
    const app = openApp();
    await openChat(app.user, title);
    await chooseMore(app, answers()[0] as HTMLElement, "Fork into a new chat");
    const note = await screen.findByTestId("forked");
    await waitFor(() => expect(answers()).toHaveLength(1));
    const fork = app.world.sessions.find((session) => session.forked_from === id("a1"));
    expect(fork?.title).toBe(title);
    const hit = { session_title: "", archived: false, role: "user" as const, created_at: "", snippet: [] };
    find({
      hits: [
        { ...hit, session_id: fork?.id ?? "", message_id: "copy" },
        { ...hit, session_id: id("mind"), message_id: id("m1") },
        { ...hit, session_id: id("love"), message_id: id("u1") },
      ],
      more: false,
    });
    await app.user.click(within(note).getByRole("button", { name: "Show where it began" }));
    await waitFor(() => expect(document.querySelector("[data-flash]")).toHaveAttribute("data-message-id", id("a1")));
    expect(screen.queryByTestId("forked")).not.toBeInTheDocument();
    expect(answers()).toHaveLength(2);
  });

  it("whose_origin_is_gone_says_so", async () => {
    const app = openApp();
    await openChat(app.user, title);
    await chooseMore(app, answers()[0] as HTMLElement, "Fork into a new chat");
    find({ hits: [], more: false });
    await app.user.click(within(await screen.findByTestId("forked")).getByRole("button"));
    expect(await screen.findByText(/forked from could not be found/)).toBeInTheDocument();
  });
});

describe("deleting a branch", () => {
  it("asks_says_how_much_follows_and_is_undone_whole", async () => {
    const app = openApp();
    await openChat(app.user, title);
    await chooseMore(app, answers()[0] as HTMLElement, "Delete this branch…");
    expect(await screen.findByTestId("delete-branch")).toHaveTextContent("This message and everything that follows it");
    await app.user.click(screen.getByTestId("delete-branch-sure"));
    await waitFor(() => expect(screen.getAllByTestId("message")).toHaveLength(1));
    await app.user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(screen.getAllByTestId("message")).toHaveLength(4));
    expect(answers().at(-1)).toHaveTextContent("You are Fred");
  });

  it("shows_the_version_that_is_left", async () => {
    const app = openApp();
    await openChat(app.user, title);
    await chooseMore(app, answers().at(-1) as HTMLElement, "Delete this branch…");
    await app.user.click(await screen.findByTestId("delete-branch-sure"));
    await waitFor(() => expect(answers().at(-1)).toHaveTextContent("Fred, and Python."));
    expect(screen.queryByTestId("versions")).not.toBeInTheDocument();
  });

  it("that_is_refused_says_why_and_changes_nothing", async () => {
    const app = openApp();
    await openChat(app.user, title);
    app.world.refuse.branch_delete = { code: "store_busy", message: "the database is busy", hint: "wait", retryable: true, id: "" };
    await chooseMore(app, answers()[0] as HTMLElement, "Delete this branch…");
    await app.user.click(await screen.findByTestId("delete-branch-sure"));
    expect(await screen.findByText(/database is busy/i)).toBeInTheDocument();
    expect(screen.getAllByTestId("message")).toHaveLength(4);
  });
});

describe("the menu of a message", () => {
  it("copies_an_answer_as_markdown_and_selects_its_text", async () => {
    const app = openApp();
    await openChat(app.user, title);
    await chooseMore(app, answers().at(-1) as HTMLElement, "Copy");
    expect(await navigator.clipboard.readText()).toMatch(/^You are \*\*Fred\*\*/);
    await chooseMore(app, answers().at(-1) as HTMLElement, "Select text");
    await waitFor(() => expect(getSelection()?.anchorNode?.parentElement?.closest("article")).toBe(answers().at(-1)));
  });

  it("changes_nothing_under_a_reply_that_is_being_written", async () => {
    const app = openApp();
    await openChat(app.user, title);
    app.world.pace = 20;
    await app.user.type(screen.getByTestId("composer"), "a long story{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "streaming"));
    expect(within(questions()[0] as HTMLElement).getByRole("button", { name: "Edit" })).toBeDisabled();
    await app.user.click(within(questions()[0] as HTMLElement).getByRole("button", { name: "More" }));
    await screen.findByRole("menuitem", { name: "Copy" });
    expect(screen.queryByRole("menuitem", { name: "Delete this branch…" })).not.toBeInTheDocument();
    await app.user.keyboard("{Escape}");
    await app.user.click(screen.getByTestId("stop"));
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "stopped"));
  });
});
