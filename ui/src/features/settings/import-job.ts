import { commands, type ImportPreview, type ImportReport } from "@/bindings";
import { readBase64 } from "@/host/file";
import { jobOf } from "@/lib/job";
import { keyedStore } from "@/lib/store";

/** The file that is looked at, and taken in if the person says so. It outlives the screen, as its jobs do. */
export type Chosen = { path: string; name: string; passphrase: string | null };

/** So much of a dropped file is handed over at once. */
const partBytes = 4 * 1024 * 1024;

const chosen = keyedStore<"now", Chosen>();
export const bringing = jobOf<string>();
export const looking = jobOf<ImportPreview>();
export const importing = jobOf<ImportReport>();

export const useChosen = (): Chosen | null => chosen.use("now");

export function chooseAnother(): void {
  chosen.remove("now");
  bringing.clear();
  looking.clear();
  importing.clear();
  // A file that was not dropped leaves nothing to take away; what could not be is written over by the next.
  commands.importDropEnd().catch(() => {});
}

/** Nothing is changed by it. */
export async function lookInto(path: string, name: string, passphrase: string | null): Promise<void> {
  chosen.set("now", { path, name, passphrase });
  await looking.run((id, progress) => commands.importPreview(path, passphrase, id, progress));
}

/** A page is not told where a dropped file lies: its bytes go over in parts. */
export async function lookIntoDropped(file: File): Promise<void> {
  chooseAnother();
  const ended = await bringing.run(async (id, progress) => {
    let path = "";
    for (let at = 0; at === 0 || at < file.size; at += partBytes) {
      if (bringing.isCancelling(id)) return null;
      path = await commands.importDrop(file.name, at === 0, await readBase64(file.slice(at, at + partBytes)));
      progress.onmessage({ stage: "reading", percent: Math.round((Math.min(at + partBytes, file.size) / Math.max(1, file.size)) * 100) });
    }
    return path;
  });
  if (ended.state !== "done") return;
  bringing.clear();
  await lookInto(ended.result, file.name, null);
}

export async function takeIn({ path, passphrase }: Chosen): Promise<void> {
  const ended = await importing.run((id, progress) => commands.importFile(path, passphrase, id, progress));
  if (ended.state === "done") commands.importDropEnd().catch(() => {});
}
