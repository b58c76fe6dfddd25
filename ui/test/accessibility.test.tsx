import { fireEvent, screen, within } from "@testing-library/react";
import type userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { composer, openApp, openChat, openQuick, row } from "./app";
import { violations } from "./axe";

type User = ReturnType<typeof userEvent.setup>;

const screens: [name: string, scene: string, go: (user: User) => Promise<unknown>][] = [
  ["welcome", "?first", () => screen.findByTestId("welcome")],
  [
    "welcome with a form",
    "?first",
    async (user) => {
      await user.click(await screen.findByTestId("choose-bedrock"));
      await screen.findByTestId("bedrock-form");
    },
  ],
  ["trouble", "?trouble", () => screen.findByTestId("trouble")],
  ["empty chat", "?empty", () => screen.findByTestId("greeting")],
  ["conversation", "", (user) => openChat(user, "Notes on the Bernoulli programme")],
  ["failed reply", "", (user) => openChat(user, "Letter to Babbage, second draft")],
  ["as a visitor", "?visitor", (user) => openChat(user, "Who is Ada Lovelace?")],
  [
    "why this answer",
    "",
    async (user) => {
      await openChat(user, "What do I love, again?");
      await user.click(screen.getByTestId("why-toggle"));
      await screen.findAllByTestId("passage");
    },
  ],
  [
    "prompt",
    "",
    async (user) => {
      await openChat(user, "What do I love, again?");
      await user.click(screen.getByTestId("why-toggle"));
      await user.click(await screen.findByTestId("show-prompt"));
      await screen.findByTestId("prompt-text");
    },
  ],
  [
    "persona",
    "?broken",
    async (user) => {
      await user.click(await screen.findByTestId("nav-persona"));
      await screen.findByTestId("facts-table");
    },
  ],
  [
    "editor",
    "?broken",
    async (user) => {
      await user.click(await screen.findByTestId("nav-persona"));
      await user.click(await screen.findByTestId("facts-toggle"));
      await user.type(await screen.findByTestId("editor-text"), "x");
    },
  ],
  ...["list", "time"].map((view): (typeof screens)[number] => [
    `memory as ${view}`,
    "",
    async (user) => {
      await user.click(await screen.findByTestId("nav-memory"));
      await user.click(await screen.findByTestId("memory-tab-social"));
      await user.click((await screen.findAllByTestId("person-row"))[0] as HTMLElement);
      await screen.findByTestId("person-memories");
      if (view === "list") return;
      await user.click(screen.getByRole("radio", { name: "Timeline" }));
      await screen.findAllByTestId("timeline-bar");
    },
  ]),
  [
    "settings",
    "?model=openai&keychain=none",
    async (user) => {
      await user.click(await screen.findByTestId("open-settings"));
      await screen.findByTestId("openai-form");
      await screen.findAllByTestId("found-server");
    },
  ],
  [
    "bedrock settings",
    "",
    async (user) => {
      await user.click(await screen.findByTestId("open-settings"));
      await user.click(await screen.findByRole("radio", { name: "AWS profile" }));
      await user.click(await screen.findByRole("radio", { name: /^work / }));
      await user.click(await screen.findByText("Advanced"));
      await user.click(screen.getByTestId("bedrock-test-run"));
      await screen.findByTestId("test-step-invoke");
      await user.click(screen.getByTestId("bedrock-model"));
      await screen.findAllByRole("option");
    },
  ],
  [
    "settings, desktop",
    "?desktop=bare",
    async (user) => {
      await user.click(await screen.findByTestId("open-settings"));
      await user.click(await screen.findByTestId("settings-desktop"));
      await user.click(await screen.findByTestId("tray"));
      await screen.findByTestId("tray-trouble");
      await user.click(screen.getByTestId("quick-keys"));
      fireEvent.keyDown(screen.getByTestId("quick-keys"), { key: "k", code: "KeyK", ctrlKey: true });
      await screen.findByTestId("quick-keys-trouble");
    },
  ],
  [
    "settings, data",
    "",
    async (user) => {
      await user.click(await screen.findByTestId("open-settings"));
      await user.click(await screen.findByTestId("settings-data"));
      await screen.findAllByTestId("backup-row");
      await user.click(screen.getByTestId("export-sealed"));
      await user.type(screen.getByTestId("import-path"), "/home/ada/Downloads/chatgpt.zip{Enter}");
      await user.click(await screen.findByTestId("import-run"));
      await user.click(within(await screen.findByTestId("import-skipped")).getByText(/are not taken in/));
      await user.click(screen.getByTestId("import-folder-choose"));
      await user.click(within(await screen.findByTestId("import-folder-skipped")).getByText(/is not taken in/));
    },
  ],
  [
    "a sealed file",
    "",
    async (user) => {
      await user.click(await screen.findByTestId("open-settings"));
      await user.click(await screen.findByTestId("settings-data"));
      await user.type(await screen.findByTestId("import-path"), "/home/ada/Downloads/sealed.age{Enter}");
      await user.type(await screen.findByTestId("import-passphrase"), "x{Enter}");
      await screen.findByText(/does not fit/);
    },
  ],
  [
    "the question before a backup is restored",
    "",
    async (user) => {
      await user.click(await screen.findByTestId("open-settings"));
      await user.click(await screen.findByTestId("settings-data"));
      await user.click((await screen.findAllByTestId("backup-restore"))[0] as HTMLElement);
      await screen.findByTestId("restore-dialog");
    },
  ],
  [
    "a damaged home",
    "?trouble=damaged",
    async (user) => {
      await user.click(await screen.findByTestId("rescue-offer"));
      await screen.findByTestId("rescued");
    },
  ],
  [
    "encrypting with a passphrase",
    "?keychain=none",
    async (user) => {
      await user.click(await screen.findByTestId("open-settings"));
      await user.click(await screen.findByTestId("settings-data"));
      await user.click(await screen.findByTestId("encryption-on"));
      await screen.findByTestId("encryption-on-dialog");
    },
  ],
  [
    "the recovery code of an encrypted home",
    "",
    async (user) => {
      await user.click(await screen.findByTestId("open-settings"));
      await user.click(await screen.findByTestId("settings-data"));
      await user.click(await screen.findByTestId("encryption-on"));
      await user.click(screen.getByTestId("encryption-on-dialog-yes"));
      await screen.findByTestId("encryption-code-dialog");
    },
  ],
  [
    "an encrypted home",
    "?trouble=locked",
    async (user) => {
      await user.type(await screen.findByTestId("unlock-secret"), "x{Enter}");
      await screen.findByTestId("unlock-failed");
    },
  ],
  [
    "exporting a chat",
    "",
    async (user) => {
      fireEvent.contextMenu(await row("What do I love, again?"));
      await user.click(await screen.findByRole("menuitem", { name: /Export/ }));
      await screen.findByTestId("export-dialog");
    },
  ],
  ...["answering", "memory", "network", "usage", "shortcuts", "general"].map((section): (typeof screens)[number] => [
    `settings, ${section}`,
    "",
    async (user) => {
      await user.click(await screen.findByTestId("open-settings"));
      await user.click(await screen.findByTestId(`settings-${section}`));
      if (section === "usage") await screen.findAllByTestId("usage-month");
      if (section === "answering") {
        await user.click(screen.getByTestId("default-model"));
        await screen.findAllByRole("option");
      }
    },
  ]),
];

describe("accessibility", () => {
  it.each(screens)("no violation on %s", async (_, scene, go) => {
    const { user } = openApp(scene);
    await go(user);
    expect(await violations()).toEqual([]);
  });

  it("no violation on the quick window", async () => {
    const { user } = openQuick("?model=offline");
    await user.type(await composer(), "Where was I born?{Enter}");
    await screen.findByTestId("open-in-main");
    expect(await violations()).toEqual([]);
  });
});
