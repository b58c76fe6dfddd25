import type { DesktopView, TrayWords } from "@/bindings";
import type { World } from "./commands";
import type { Command } from "./common";

export type FakeDesktop = {
  trays: Exclude<DesktopView["tray"], "off">;
  keys: Exclude<DesktopView["quick_keys"], "off">;
  startAtLogin: boolean | null;
  /** What the menu of the icon says. */
  words: TrayWords | null;
};

/** `?desktop=bare`: no tray, no keys, nothing at login; `?desktop=taken`: another program has the keys. */
export const fakeDesktop = (kind: string | null): FakeDesktop => ({
  trays: kind === "bare" ? "no_host" : "shown",
  keys: kind === "bare" ? "unsupported" : kind === "taken" ? "taken" : "held",
  startAtLogin: kind === "bare" ? null : false,
  words: null,
});

export const desktopCommands: Record<string, Command> = {
  desktop_view: ({ settings, desktop }: World): DesktopView => ({
    tray: settings.tray ? desktop.trays : "off",
    quick_keys: settings.quick_keys ? desktop.keys : "off",
    start_at_login: desktop.startAtLogin,
  }),
  desktop_words: ({ desktop }: World, { words }: { words: TrayWords }) => {
    desktop.words = words;
    return null;
  },
  desktop_set_start_at_login: ({ desktop }: World, { on }: { on: boolean }) => {
    desktop.startAtLogin = on;
    return null;
  },
  quick_hide: () => null,
  main_show: () => null,
};
