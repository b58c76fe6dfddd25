import { commandNames, type World } from "./commands";
import { makeWorld } from "./world";

/** In place of @tauri-apps/api/core when the window runs without the program behind it (tests, design). */
export class Channel<T> {
  id = 0;
  onmessage: (message: T) => void;
  constructor(onmessage: (message: T) => void = () => {}) {
    this.onmessage = onmessage;
  }
}

let world: World | null = null;

/** The state behind the commands. */
export function fakeWorld(): World {
  world ??= makeWorld(typeof location === "undefined" ? "" : location.search);
  return world;
}

export function resetFakeWorld(scene = ""): World {
  world = makeWorld(scene);
  return world;
}

export async function invoke<T>(name: string, args: Record<string, unknown> = {}): Promise<T> {
  const current = fakeWorld();
  current.calls.push({ name, args });
  await current.latency();
  const refused = current.refuse[name];
  if (refused) throw refused;
  const command = commandNames[name];
  if (!command) throw { code: "internal", message: `no command is called ${name}`, hint: "add it to the fake", retryable: false, id: "" };
  return structuredClone(await command(current, args as never)) as T;
}
