import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { emit } from "@/host/fake/event";
import { composer, openApp, openQuick, row } from "./app";
import { openSettings } from "./settings";

const open = (scene = "") => openSettings(scene, "desktop");
const controlAltSpace = { key: " ", code: "Space", ctrlKey: true, altKey: true };

describe("desktop", () => {
  it("the_icon_in_the_tray_is_a_choice", async () => {
    const { user, world } = await open();
    await user.click(await screen.findByTestId("tray"));
    await waitFor(() => expect(world.settings.tray).toBe(true));
    expect(screen.queryByTestId("tray-trouble")).toBeNull();
  });

  it("without_a_tray_it_says_what_closing_does_and_what_to_install", async () => {
    const { user } = await open("?desktop=bare");
    await user.click(await screen.findByTestId("tray"));
    expect(await screen.findByTestId("tray-trouble")).toHaveTextContent(/closing the window still ends.*AppIndicator/);
  });

  it("the_quick_window_gets_the_keys_that_are_pressed_and_gives_them_back", async () => {
    const { user, world } = await open();
    const recorder = await screen.findByTestId("quick-keys");
    await user.click(recorder);
    fireEvent.keyDown(recorder, controlAltSpace);
    await waitFor(() => expect(world.settings.quick_keys).toBe("Ctrl+Alt+Space"));
    await waitFor(() => expect(screen.getByTestId("quick-keys-row")).toHaveAttribute("data-state", "held"));
    await user.click(screen.getByTestId("quick-keys-clear"));
    await waitFor(() => expect(world.settings.quick_keys).toBe(""));
  });

  it("keys_that_another_program_has_are_refused_with_the_next_step", async () => {
    const { user } = await open("?desktop=taken");
    const recorder = await screen.findByTestId("quick-keys");
    await user.click(recorder);
    fireEvent.keyDown(recorder, { key: "k", code: "KeyK", metaKey: true });
    expect(await screen.findByTestId("quick-keys-trouble")).toHaveTextContent("Another program has Super K already. Choose other keys.");
    expect(recorder).toHaveAccessibleDescription(/Another program/);
  });

  it("where_no_program_may_listen_for_keys_it_names_the_command_that_does_the_same", async () => {
    const { user } = await open("?desktop=bare");
    const recorder = await screen.findByTestId("quick-keys");
    await user.click(recorder);
    fireEvent.keyDown(recorder, controlAltSpace);
    expect(await screen.findByTestId("quick-keys-trouble")).toHaveTextContent("digital-twin --quick");
  });

  it("starting_at_login_is_read_from_the_system_and_a_refusal_is_told", async () => {
    const { user, world } = await open();
    const check = await screen.findByTestId("start-at-login");
    await waitFor(() => expect(check).toBeEnabled());
    await user.click(check);
    await waitFor(() => expect(check).toBeChecked());
    world.refuse.desktop_set_start_at_login = {
      code: "store_read_only",
      message: "starting at login could not be changed",
      hint: "arrange it in the settings of your desktop",
      retryable: false,
      id: "",
    };
    await user.click(check);
    expect(await screen.findByTestId("toast")).toHaveTextContent("Arrange it in the settings of your desktop.");
    expect(check).toBeChecked();
  });

  it("where_starting_at_login_cannot_be_arranged_it_is_not_offered", async () => {
    await open("?desktop=bare");
    const check = await screen.findByTestId("start-at-login");
    await waitFor(() => expect(check).toHaveAccessibleDescription(/cannot arrange/));
    expect(check).toBeDisabled();
  });

  it("the_menu_of_the_icon_speaks_the_words_of_the_page", async () => {
    const { world } = openApp();
    await composer();
    await waitFor(() => expect(world.desktop.words).toMatchObject({ quit: "Quit", new_chat: "New chat" }));
  });

  it("the_desktop_can_ask_for_a_new_chat_and_for_one_that_was_begun_in_the_quick_window", async () => {
    const { user, world } = openApp();
    await user.click(await row("Notes on the Bernoulli programme"));
    await screen.findAllByTestId("message");
    await emit("desktop", { type: "new_chat" });
    expect(await screen.findByTestId("greeting")).toBeInTheDocument();
    const session = world.sessions.find(({ title }) => title === "Notes on the Bernoulli programme")?.id;
    await emit("desktop", { type: "open", session_id: session });
    await screen.findAllByTestId("message");
  });

  it("where_the_window_went_when_it_was_closed_is_told_once", async () => {
    const { user } = openApp();
    await composer();
    await emit("desktop", { type: "returned" });
    await user.click(await screen.findByTestId("toast-action"));
    expect(await screen.findByTestId("background-paused")).toBeInTheDocument();
    await waitFor(() => expect(screen.queryByTestId("toast")).toBeNull());
    await emit("desktop", { type: "returned" });
    expect(screen.queryByTestId("toast")).toBeNull();
  });
});

describe("quick window", () => {
  afterEach(() => vi.restoreAllMocks());

  it("a_question_becomes_a_chat_that_opens_in_the_main_window", async () => {
    const { user, world } = openQuick("?model=offline");
    const before = world.sessions.length;
    await user.type(await composer(), "Where was I born?{Enter}");
    await waitFor(() => expect(screen.getAllByTestId("message")).toHaveLength(2));
    expect(world.sessions).toHaveLength(before + 1);
    await user.click(screen.getByTestId("open-in-main"));
    const call = world.calls.find(({ name }) => name === "main_show");
    expect(world.sessions.map(({ id }) => id)).toContain(call?.args.sessionId);
  });

  const calls = (world: ReturnType<typeof openQuick>["world"]) => world.calls.map(({ name }) => name);
  const shown = (state: "hidden" | "visible") => {
    vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
    fireEvent(document, new Event("visibilitychange"));
  };
  const ask = async ({ user }: ReturnType<typeof openQuick>) => {
    await user.type(await composer(), "Where was I born?{Enter}");
    await waitFor(() => expect(screen.getAllByTestId("message")).toHaveLength(2));
    await waitFor(() => expect(screen.queryByTestId("stop")).toBeNull());
  };

  it("esc_hides_it_and_the_next_question_is_a_new_chat", async () => {
    const app = openQuick("?model=offline");
    await ask(app);
    await app.user.keyboard("{Escape}");
    expect(calls(app.world)).toContain("quick_hide");
    shown("hidden");
    shown("visible");
    expect(await screen.findByTestId("greeting")).toBeInTheDocument();
  });

  it("what_was_begun_in_the_chat_is_there_when_it_is_shown_again", async () => {
    const app = openQuick("?model=offline");
    await ask(app);
    await app.user.type(await composer(), "and when");
    await app.user.keyboard("{Escape}");
    shown("hidden");
    shown("visible");
    expect(await composer()).toHaveValue("and when");
    expect(screen.getAllByTestId("message")).toHaveLength(2);
  });

  it("esc_stops_an_answer_first_and_then_hides", async () => {
    const { user, world } = openQuick();
    world.pace = 20;
    await user.type(await composer(), "Tell me a long story{Enter}");
    await screen.findByTestId("stop");
    await waitFor(() => expect(screen.getAllByTestId("message")).toHaveLength(2));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(calls(world)).toContain("chat_stop"));
    expect(calls(world)).not.toContain("quick_hide");
    await waitFor(() => expect(screen.queryByTestId("stop")).toBeNull());
    await user.keyboard("{Escape}");
    expect(calls(world)).toContain("quick_hide");
  });

  it("hiding_lets_an_answer_that_is_being_written_go_on", async () => {
    const { user, world } = openQuick();
    world.pace = 20;
    await user.type(await composer(), "Tell me a long story{Enter}");
    await screen.findByTestId("stop");
    await user.click(screen.getByTestId("quick-hide"));
    expect(calls(world)).toContain("quick_hide");
    expect(calls(world)).not.toContain("chat_stop");
  });

  it("before_a_model_is_chosen_it_says_where_to_choose_one", async () => {
    const { user, world } = openQuick("?first");
    await user.click(await screen.findByRole("button", { name: "Open in the main window" }));
    expect(world.calls.map(({ name }) => name)).toContain("main_show");
  });
});
