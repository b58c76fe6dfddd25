import { screen } from "@testing-library/react";
import { fakeModels } from "@/host/fake/models";
import { openApp } from "./app";

/** The settings, at one of their sections. */
export async function openSettings(scene = "", section = "models") {
  const app = openApp(scene);
  await app.user.click(await screen.findByTestId("open-settings"));
  await screen.findByTestId("settings-screen");
  if (section !== "models") await app.user.click(screen.getByTestId(`settings-${section}`));
  return { ...app, models: fakeModels(app.world) };
}

/** The commands that were called, in order, of those that matter. */
export const called = (world: { calls: { name: string }[] }, pattern: RegExp) =>
  world.calls.map((call) => call.name).filter((name) => pattern.test(name));
