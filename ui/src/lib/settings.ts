import type { QueryClient } from "@tanstack/react-query";
import { commands, type Settings } from "@/bindings";

/** May be asked for more than once. */
export type SettingsChange = (current: Settings) => Settings;

type Pending = {
  /** The last save; rejected or not, the next one begins after it. */
  last: Promise<unknown>;
  /** What is shown before it is saved, in order. */
  shown: Set<SettingsChange>;
};

const pending = new WeakMap<QueryClient, Pending>();

function pendingIn(client: QueryClient): Pending {
  const known = pending.get(client) ?? { last: Promise.resolve(), shown: new Set() };
  pending.set(client, known);
  return known;
}

/** The settings as the program has them, with what is on its way there: who presses twice sees the second press on top of the first. */
export async function readSettings(client: QueryClient): Promise<Settings> {
  const { settings } = await commands.bootstrap();
  return [...pendingIn(client).shown].reduce((now, change) => change(now), settings);
}

/**
 * All settings travel together, so a change is made to what the program has when its turn comes: made to what the page was last told, it
 * would take back what the tray, another window or the change before it has saved since. The answer is what was kept, and not what is to
 * be shown: by the time it arrives, something newer may have been read.
 */
export function saveSettings(client: QueryClient, change: SettingsChange): Promise<Settings> {
  const known = pendingIn(client);
  const saved = known.last.then(async () => commands.settingsSave(change((await commands.bootstrap()).settings)));
  known.last = saved.catch(() => {});
  return saved;
}

/** As `saveSettings`; until it is done, whatever is read is shown with the change. */
export async function saveShown(client: QueryClient, change: SettingsChange): Promise<Settings> {
  const { shown } = pendingIn(client);
  shown.add(change);
  try {
    return await saveSettings(client, change);
  } finally {
    shown.delete(change);
  }
}
