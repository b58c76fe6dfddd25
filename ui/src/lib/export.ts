import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { commands, type Session, type SessionFormat } from "@/bindings";
import { errorText, toWireError } from "./errors";
import { remember } from "./remember";
import { keyedStore } from "./store";
import { showToast } from "./toast";

const warn = (thrown: unknown) => showToast(errorText(toWireError(thrown)), { tone: "warn" });

export const showFile = (path: string): void => void commands.exportShow(path).catch(warn);

const inFolder = (folder: string, name: string) => {
  const slash = folder.includes("\\") && !folder.includes("/") ? "\\" : "/";
  return folder.endsWith(slash) ? folder + name : folder + slash + name;
};

/** Where a file is to be written: `name` in the usual folder, until the person says otherwise. A file that is there is replaced only if they agree. */
export function useTarget(name: string) {
  const folder = useQuery<string>({ queryKey: ["export", "folder"], queryFn: () => commands.exportFolder() });
  const [chosen, setChosen] = useState<string | null>(null);
  const [agreed, setAgreed] = useState<string | null>(null);
  const [there, setThere] = useState<string | null>(null);
  const path = chosen ?? (folder.data === undefined ? "" : inFolder(folder.data, name));
  return {
    path,
    chosen: chosen !== null,
    set: setChosen,
    choose: () =>
      void commands
        .exportChooseFile(path || name)
        .then((picked) => {
          if (picked === null) return;
          setChosen(picked);
          // The desktop's dialog has asked already.
          setAgreed(picked);
        })
        .catch(warn),
    /** Somebody has to agree first. */
    asks: there === path && agreed !== path,
    agree: () => setAgreed(path),
    /** Whether it may be written there now; if not, `asks` says so. */
    free: async (): Promise<boolean> => {
      try {
        if (agreed === path || !(await commands.exportThere(path))) return true;
        setThere(path);
      } catch (thrown) {
        warn(thrown);
      }
      return false;
    },
  };
}

export const endings: Record<SessionFormat, string> = { markdown: "md", html: "html", text: "txt", json: "json", seed: "json" };
export const formats = Object.keys(endings) as SessionFormat[];

const remembered = "twin.export.format";

/** The one that was chosen last. */
export const lastFormat = (): SessionFormat => formats.find((one) => one === localStorage.getItem(remembered)) ?? "markdown";
export const rememberFormat = (format: SessionFormat): boolean => remember(remembered, format);

/** Hangs chats on the pointer as files, from where the program goes on: a page is not told where they are dropped. */
export const dragOut = (sessions: Session[]): void =>
  void commands
    .sessionDrag(
      sessions.map(({ id }) => id),
      lastFormat(),
    )
    .catch(warn);

const asked = keyedStore<"now", Session[]>();

/** Chats whose export is asked for, from wherever in the window. */
export const useExportAsked = (): Session[] | null => asked.use("now");
export const askExport = (sessions: Session[]): void => asked.set("now", sessions);
export const endExport = (): void => asked.remove("now");

export type DataPart = "export" | "import" | "backup";
const part = keyedStore<"now", DataPart>();

/** The part of the section about data that is to have the focus when it is shown next. */
export const useDataPart = (): DataPart | null => part.use("now");
export const askDataPart = (one: DataPart): void => part.set("now", one);
export const dataPartShown = (): void => part.remove("now");
