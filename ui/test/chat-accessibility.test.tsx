import { screen } from "@testing-library/react";
import type userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { composer, openApp, openChat } from "./app";
import { violations } from "./axe";

type User = ReturnType<typeof userEvent.setup>;

const openPicker = async (user: User) => {
  await composer();
  await user.click(screen.getByTestId("model-chip"));
  await screen.findAllByTestId("model-option");
};

const screens: [name: string, scene: string, go: (user: User) => Promise<unknown>][] = [
  ["model picker", "?catalogue=big", openPicker],
  [
    "picker with problems and a typed id",
    "?catalogue=problems",
    async (user) => {
      await openPicker(user);
      await user.keyboard("some-model");
    },
  ],
  [
    "routes of a model",
    "",
    async (user) => {
      await openPicker(user);
      await user.keyboard("sonnet{ArrowRight}");
      await screen.findAllByTestId("model-route");
    },
  ],
  [
    "thoughts, look-ups and sent files",
    "?rich",
    async (user) => {
      await openChat(user, "Which loom was it?");
      await screen.findByText("not on this device");
      for (const fold of screen.getAllByRole("button", { expanded: false, name: /Thoughts|Looked/ })) await user.click(fold);
    },
  ],
  [
    "files that wait and one that was refused",
    "?model=openai",
    async (user) => {
      await composer();
      const file = (name: string) => new File(["x"], name, { type: "image/png" });
      await user.upload(screen.getByTestId("attach-input"), [file("a.png"), file("b.exe")]);
      await screen.findByTestId("attach-error");
      await screen.findByTestId("tray-problem");
    },
  ],
  [
    "pause between attempts",
    "?waiting",
    async (user) => {
      await user.type(await composer(), "Who are you?{Enter}");
      await screen.findByTestId("waiting");
    },
  ],
  [
    "failure with ways on",
    "?offer",
    async (user) => {
      await user.type(await composer(), "credentials{Enter}");
      await screen.findByTestId("answer-with");
    },
  ],
  [
    "a message that is edited, with its files",
    "?rich",
    async (user) => {
      await openChat(user, "Which loom was it?");
      await user.click((await screen.findAllByRole("button", { name: "Edit" }))[0] as HTMLElement);
      await screen.findByTestId("editor");
    },
  ],
  [
    "deleting a branch",
    "",
    async (user) => {
      await openChat(user, "What do I love, again?");
      await user.click((await screen.findAllByTestId("message-more"))[0] as HTMLElement);
      await user.click(await screen.findByRole("menuitem", { name: "Delete this branch…" }));
      await screen.findByTestId("delete-branch");
    },
  ],
  [
    "a fork",
    "",
    async (user) => {
      await openChat(user, "What do I love, again?");
      await user.click((await screen.findAllByTestId("message-more"))[1] as HTMLElement);
      await user.click(await screen.findByRole("menuitem", { name: "Fork into a new chat" }));
      await screen.findByTestId("forked");
    },
  ],
];

describe("accessibility of the chat", () => {
  it.each(screens)("no violation on %s", async (name, scene, go) => {
    const { user, world } = openApp(scene);
    if (name.startsWith("pause")) world.pause = () => new Promise(() => {});
    await go(user);
    expect(await violations()).toEqual([]);
  });
});
