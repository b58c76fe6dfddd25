import { act, createEvent, fireEvent, screen, waitFor } from "@testing-library/react";
import type { ComponentProps } from "react";
import { describe, expect, it, vi } from "vitest";
import type * as header from "@/features/chat/header";
import { inserted } from "@/features/chat/pasted";
import { clearStores } from "@/lib/store";
import { answers, composer, openApp, openChat } from "./app";
import { violations } from "./axe";

const drawn = vi.hoisted(() => ({ headers: 0 }));
vi.mock("@/features/chat/header", async (original) => {
  const { Header } = await original<typeof header>();
  const Counted = (props: ComponentProps<typeof Header>) => {
    drawn.headers += 1;
    return Header(props);
  };
  return { Header: Counted };
});

const field = () => screen.getByTestId<HTMLTextAreaElement>("composer");
const sends = (world: ReturnType<typeof openApp>["world"]) => world.calls.filter((call) => call.name === "chat_send");
const long = Array.from({ length: 80 }, (_, at) => `line ${at}`).join("\n");
const staged = () => waitFor(() => expect(document.querySelector("[data-testid=tray-file][aria-busy]")).toBeNull());

/** Ctrl-Z, as the web view tells of it. */
const undoTo = (text: string) => fireEvent(field(), createEvent.input(field(), { target: { value: text }, inputType: "historyUndo" }));

describe("the key that sends", () => {
  it("is_enter_and_ctrl_enter_begins_a_line", async () => {
    const { user, world } = openApp();
    await user.type(await composer(), "one{Control>}{Enter}{/Control}two");
    expect(field()).toHaveValue("one\ntwo");
    expect(screen.getByText("Enter")).toBeInTheDocument();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(sends(world)).toHaveLength(1));
  });

  it("is_ctrl_enter_if_so_chosen_and_enter_begins_a_line", async () => {
    const { user, world } = openApp();
    world.settings.send_key = "ctrl_enter";
    await user.type(await composer(), "one{Enter}two{Shift>}{Enter}{/Shift}three");
    expect(field()).toHaveValue("one\ntwo\nthree");
    expect(sends(world)).toHaveLength(0);
    expect(screen.getByText("Ctrl Enter")).toBeInTheDocument();
    fireEvent.keyDown(field(), { key: "Enter", ctrlKey: true, isComposing: true });
    expect(sends(world)).toHaveLength(0);
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(sends(world)).toHaveLength(1));
  });
});

describe("a letter", () => {
  it("is_drawn_without_the_rest_of_the_chat", async () => {
    const { user } = openApp();
    await openChat(user, "Notes on the Bernoulli programme");
    await user.type(field(), "a");
    const before = drawn.headers;
    expect(before).toBeGreaterThan(0);
    await user.keyboard(" letter");
    expect(field()).toHaveValue("a letter");
    expect(drawn.headers).toBe(before);
  });
});

describe("what one said before", () => {
  it("comes_back_by_arrow_up_and_goes_by_arrow_down_or_escape", async () => {
    const { user } = openApp();
    await openChat(user, "Notes on the Bernoulli programme");
    await user.click(field());
    await user.keyboard("{ArrowUp}");
    await waitFor(() => expect(field()).toHaveValue("And the loop?"));
    expect(field()).toHaveAccessibleDescription("Your last message. Esc gives it up.");
    await user.keyboard("{ArrowUp}");
    await waitFor(() => expect(field()).toHaveValue("Set out how the engine computes the Bernoulli numbers."));
    await user.keyboard("{ArrowUp}");
    await user.keyboard("{ArrowDown}");
    expect(field()).toHaveValue("And the loop?");
    await user.keyboard("{ArrowDown}");
    expect(field()).toHaveValue("");
    await user.keyboard("{ArrowUp}");
    await waitFor(() => expect(field()).toHaveValue("And the loop?"));
    await user.keyboard("{Escape}");
    expect(field()).toHaveValue("");
  });

  it("is_one_s_own_text_once_it_is_changed_and_never_replaces_one", async () => {
    const { user } = openApp();
    await openChat(user, "Notes on the Bernoulli programme");
    await user.type(field(), "mine{ArrowUp}");
    expect(field()).toHaveValue("mine");
    await user.clear(field());
    await user.keyboard("{ArrowUp}");
    await waitFor(() => expect(field()).toHaveValue("And the loop?"));
    await user.keyboard("!{ArrowUp}{ArrowDown}{Escape}");
    expect(field()).toHaveValue("And the loop?!");
  });

  it("is_read_page_by_page_through_a_long_conversation", async () => {
    const { user, world } = openApp("?long=300");
    const session = world.sessions.find((one) => world.messages.filter((message) => message.session_id === one.id).length >= 300);
    await openChat(user, session?.title ?? "");
    const own = world.messages.filter((one) => one.session_id === session?.id && one.role === "user").map((one) => one.content);
    await user.click(field());
    for (const text of own.slice(-60).reverse()) {
      fireEvent.keyDown(field(), { key: "ArrowUp" });
      await waitFor(() => expect(field()).toHaveValue(text));
    }
  });
});

describe("a long text that is pasted", () => {
  it("stays_text_until_one_says_that_it_is_a_file_and_then_goes_along", async () => {
    const { user, world } = openApp();
    await user.type(await composer(), "Read this: ");
    await user.paste(long);
    expect(field()).toHaveValue(`Read this: ${long}`);
    expect(screen.getByTestId("pasted-offer")).toHaveTextContent("Pasted text, 629 B, 80 lines");
    await user.click(screen.getByTestId("pasted-attach"));
    expect(field()).toHaveValue("Read this: ");
    expect(field()).toHaveFocus();
    await staged();
    expect(screen.getByTestId("tray-file")).toHaveTextContent("Pasted text.txt");
    const [file] = world.staged.values();
    expect(atob(file?.data ?? "")).toBe(long);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    expect(sends(world)[0]?.args).toMatchObject({ request: { text: "Read this:", attachments: [expect.any(String)] } });
  });

  it("is_text_again_by_undo_and_by_its_own_button", async () => {
    const { user, world } = openApp();
    await user.click(await composer());
    await user.paste(long);
    await user.click(screen.getByTestId("pasted-attach"));
    await staged();
    undoTo(long);
    await waitFor(() => expect(screen.queryByTestId("tray-file")).not.toBeInTheDocument());
    expect(field()).toHaveValue(long);
    expect(world.staged.size).toBe(0);

    await user.clear(field());
    await user.paste(`${long}\nmore`);
    await user.click(screen.getByTestId("pasted-attach"));
    await staged();
    await user.click(screen.getByTestId("tray-back"));
    expect(field()).toHaveValue(`${long}\nmore`);
    expect(screen.queryByTestId("pasted-offer")).not.toBeInTheDocument();
  });

  it("may_be_kept_as_text_and_a_short_one_is_not_asked_about", async () => {
    const { user } = openApp();
    await user.click(await composer());
    await user.paste("short\nenough");
    expect(screen.queryByTestId("pasted-offer")).not.toBeInTheDocument();
    await user.paste("x".repeat(4001));
    expect(screen.getByTestId("pasted-offer")).toHaveTextContent("4 KB, 1 line");
    await user.click(screen.getByTestId("pasted-keep"));
    expect(screen.queryByTestId("pasted-offer")).not.toBeInTheDocument();
    expect(field()).toHaveFocus();
    expect(screen.getByText("4,013 characters")).toBeInTheDocument();
  });

  it("is_found_wherever_it_came_in", () => {
    expect(inserted("", "abc")).toBe("abc");
    expect(inserted("ab", "aXXb")).toBe("XX");
    expect(inserted("aa", "aaaa")).toBe("aa");
    expect(inserted("abc", "ab")).toBe("");
  });
});

describe("files that waited when the window was closed", () => {
  it("are_named_as_gone_and_a_pasted_text_is_there_again", async () => {
    const first = openApp();
    await composer();
    await first.user.upload(screen.getByTestId("attach-input"), [new File(["x"], "letter.pdf", { type: "application/pdf" })]);
    await first.user.click(field());
    await first.user.paste(long);
    await first.user.click(screen.getByTestId("pasted-attach"));
    await first.user.type(field(), "Read both");
    await staged();
    document.body.replaceChildren();
    clearStores();

    const { user, world } = openApp();
    expect(await composer()).toHaveValue("Read both");
    expect(await screen.findByTestId("files-lost")).toHaveTextContent(
      "“letter.pdf” no longer waits hereFiles wait only as long as the window is open. Attach it again to send it.",
    );
    await staged();
    expect(screen.getByTestId("tray-file")).toHaveTextContent("Pasted text.txt");
    expect([...world.staged.values()].map((one) => atob(one.data))).toEqual([long]);
    await user.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByTestId("files-lost")).not.toBeInTheDocument();
  });
});

describe("files that the quick window hands over", () => {
  it("come_behind_those_that_wait_and_stay_when_another_is_attached", async () => {
    const { user, world } = openApp();
    await user.click(await composer());
    await user.paste(long);
    await user.click(screen.getByTestId("pasted-attach"));
    await staged();
    const key = "twin.files.new:owner";
    const both = [...JSON.parse(localStorage.getItem(key) ?? "[]"), { name: "a.txt", text: "small" }, { name: "b.pdf", text: null }];
    localStorage.setItem(key, JSON.stringify(both));
    act(() => void window.dispatchEvent(new StorageEvent("storage", { key })));
    await waitFor(() => expect(screen.getAllByTestId("tray-file")).toHaveLength(2));
    expect(screen.getByTestId("files-lost")).toHaveTextContent("b.pdf");
    await waitFor(() => expect([...world.staged.values()].map((one) => atob(one.data))).toEqual([long, "small"]));
    await user.upload(screen.getByTestId("attach-input"), [new File(["x"], "c.pdf", { type: "application/pdf" })]);
    await waitFor(() => expect(JSON.parse(localStorage.getItem(key) ?? "")).toHaveLength(3));
  });
});

describe("text that is dropped", () => {
  const text = { types: ["text/plain"], getData: () => "from elsewhere", dropEffect: "" };

  it("on_the_conversation_is_added_below_what_is_written", async () => {
    const { user } = openApp();
    await user.type(await composer(), "mine");
    const area = screen.getByRole("main");
    fireEvent.dragEnter(area, { dataTransfer: text });
    expect(screen.getByTestId("drop-target")).toHaveTextContent("Drop to add the text");
    fireEvent.drop(area, { dataTransfer: text });
    expect(field()).toHaveValue("mine\nfrom elsewhere");
    expect(screen.queryByTestId("drop-target")).not.toBeInTheDocument();
  });

  it("on_the_field_or_from_the_conversation_itself_is_left_to_the_field", async () => {
    openApp();
    await composer();
    const area = screen.getByRole("main");
    expect(fireEvent.drop(field(), { dataTransfer: text })).toBe(true);
    fireEvent.dragStart(area);
    fireEvent.dragEnter(area, { dataTransfer: text });
    expect(screen.queryByTestId("drop-target")).not.toBeInTheDocument();
  });

  it("the_target_goes_also_when_what_was_hovered_has_gone", async () => {
    openApp();
    await composer();
    const area = screen.getByRole("main");
    const passing = area.appendChild(document.createElement("p"));
    fireEvent.dragEnter(area, { dataTransfer: { types: ["Files"] } });
    fireEvent.dragEnter(passing, { dataTransfer: { types: ["Files"] } });
    passing.remove();
    fireEvent.dragEnter(area, { dataTransfer: { types: ["Files"] } });
    fireEvent.dragLeave(area, { dataTransfer: { types: ["Files"] } });
    expect(screen.queryByTestId("drop-target")).not.toBeInTheDocument();
  });
});

describe("a pasted text that could not be made a file", () => {
  it("is_kept_over_a_restart_and_goes_back_as_text", async () => {
    const { user, world } = openApp();
    world.refuse.attachment_add = { code: "store_full", message: "the disk is full", hint: "", retryable: false, id: "" };
    await user.click(await composer());
    await user.paste(long);
    await user.click(screen.getByTestId("pasted-attach"));
    const back = await screen.findByTestId("refused-back");
    expect(field()).toHaveValue("");
    expect(localStorage.getItem("twin.files.new:owner")).toContain("line 79");
    await user.click(back);
    expect(field()).toHaveValue(long);
    expect(screen.queryByTestId("attach-error")).not.toBeInTheDocument();
    expect(screen.queryByTestId("pasted-offer")).not.toBeInTheDocument();
  });
});

describe("accessibility of the composer", () => {
  it("no violation with an offer, a pasted file and files that are gone", async () => {
    localStorage.setItem("twin.files.new:owner", JSON.stringify([{ name: "letter.pdf", text: null }]));
    const { user } = openApp();
    await user.click(await composer());
    await user.paste(long);
    await user.click(screen.getByTestId("pasted-attach"));
    await user.paste(`${long}.`);
    await staged();
    await screen.findByTestId("files-lost");
    screen.getByTestId("pasted-offer");
    expect(await violations()).toEqual([]);
  });
});
