import { screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { emit } from "@/host/fake/event";
import { errorDetails, errorText, hintText } from "@/lib/errors";
import { applyRememberedTextSize } from "@/lib/text-size";
import { speak, tongueOf, words } from "@/lib/words";
import { openApp } from "./app";
import { violations } from "./axe";
import { openSettings } from "./settings";

afterEach(async () => {
  document.documentElement.style.fontSize = "";
  await speak("en");
});

describe("general settings", () => {
  it("text_size_grows_everything_and_is_there_at_the_next_start", async () => {
    const { user, world } = await openSettings("", "general");
    expect(document.documentElement.style.fontSize).toBe("100%");
    await user.click(screen.getByTestId("text-larger"));
    await user.click(screen.getByTestId("text-larger"));
    await waitFor(() => expect(world.settings.text_size).toBe(125));
    expect(document.documentElement.style.fontSize).toBe("125%");
    document.documentElement.style.fontSize = "";
    applyRememberedTextSize();
    expect(document.documentElement.style.fontSize).toBe("125%");
    await user.click(screen.getByText("Back to 100 %"));
    await waitFor(() => expect(world.settings.text_size).toBe(100));
    for (let press = 0; press < 2; press += 1) await user.click(screen.getByTestId("text-smaller"));
    await waitFor(() => expect(world.settings.text_size).toBe(80));
    expect(screen.getByTestId("text-smaller")).toBeDisabled();
  });

  it("large_text_folds_the_sidebar_away_as_a_narrow_window_does", async () => {
    const wide = window.matchMedia;
    const width = 1280;
    window.matchMedia = (query) => ({ ...wide(query), matches: width <= Number(/max-width: (\d+)px/.exec(query)?.[1] ?? 0) });
    try {
      openApp("?text=200");
      expect(await screen.findByTestId("sidebar-toggle")).toBeInTheDocument();
    } finally {
      window.matchMedia = wide;
    }
  });

  it("send_key_and_titles_are_kept", async () => {
    const { user, world } = await openSettings("", "general");
    await user.click(screen.getByRole("radio", { name: "Ctrl Enter" }));
    await waitFor(() => expect(world.settings.send_key).toBe("ctrl_enter"));
    expect(screen.getByText("Enter begins a new line.")).toBeInTheDocument();
    await user.click(screen.getByTestId("titles-by-model"));
    await waitFor(() => expect(world.settings.titles_by_model).toBe(false));
  });

  it("no_violation", async () => {
    await openSettings("", "general");
    expect(await violations()).toEqual([]);
  });
});

describe("the language", () => {
  it("waits_while_a_temporary_chat_would_be_lost_and_asks", async () => {
    const { user, world } = openApp();
    await user.click(await screen.findByTestId("temporary-chat"));
    await user.type(await screen.findByTestId("composer"), "Between us");
    world.settings.language = "de";
    await emit("notice", { event: { type: "settings_changed" }, stale: ["settings"] });
    await user.click(await screen.findByTestId("toast-action"));
    expect(await screen.findByTestId("give-up")).toBeInTheDocument();
    expect(screen.getByTestId("composer")).toHaveValue("Between us");
  });

  const reload = vi.fn();
  const { location } = window;
  beforeEach(() => {
    reload.mockClear();
    Object.defineProperty(window, "location", { configurable: true, value: { ...location, reload } });
  });
  afterEach(() => void Object.defineProperty(window, "location", { configurable: true, value: location }));

  it("is_chosen_by_its_own_name_and_then_the_window_is_loaded_in_it", async () => {
    const { user, world } = await openSettings("", "general");
    await user.click(screen.getByTestId("language"));
    const option = await screen.findByRole("menuitemradio", { name: "العربية" });
    expect(option.querySelector("[lang=ar]")).toHaveTextContent("العربية");
    await user.click(option);
    await waitFor(() => expect(reload).toHaveBeenCalledOnce());
    expect(world.settings.language).toBe("ar");
    expect(localStorage.getItem("twin.language")).toBe("ar");
  });

  it.each([
    [["de-AT", "en"], "de"],
    [["zh-CN"], "zh-Hans"],
    [["zh-TW", "es-MX"], "es"],
    [["fi"], "en"],
  ] as const)("of a desktop that prefers %j is %s", (preferred, tongue) => expect(tongueOf("system", preferred)).toBe(tongue));

  it("of_arabic_turns_the_window_round", async () => {
    await speak("ar");
    expect(document.documentElement).toHaveAttribute("dir", "rtl");
    const { user } = openApp("?language=ar");
    await user.click(await screen.findByRole("button", { name: words.sessions.more("Horses and probability") }));
    expect(await screen.findByRole("menu")).toHaveAttribute("dir", "rtl");
  });

  it("decides_whether_the_programs_english_is_the_message_or_its_details", async () => {
    const failure = { code: "store_full", message: "the disk is full", hint: "free 2 MB on /home" } as const;
    expect(errorText(failure)).toBe("The disk is full. Free 2 MB on /home.");
    expect(errorDetails(failure)).toBeNull();
    await speak("de");
    expect(errorText(failure)).toBe(`${words.errors.store_full}. ${words.hints.store_full}`);
    expect(errorText(failure, true)).toBe(words.hints.store_full);
    expect(hintText(failure)).toBe(words.hints.store_full);
    expect(errorDetails(failure)).toBe("The disk is full. Free 2 MB on /home.");
  });

  it("keeps_the_details_at_hand_where_they_are_not_the_message", async () => {
    await speak("de");
    const { user, world } = openApp("?language=de");
    world.refuse.session_list = { code: "store_busy", message: "held by process 7", hint: "close it", retryable: true, id: "" };
    const details = await screen.findByTestId("error-details");
    expect(details).not.toHaveAttribute("open");
    await user.click(screen.getByText("Details"));
    expect(details).toHaveTextContent("Held by process 7. Close it.");
  });
});
