import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { Audience, Settings } from "@/bindings";
import { writeFind } from "@/features/find/state";
import { look, noFilters } from "@/features/memory/state";
import { ExportDialog } from "@/features/sessions/export-dialog";
import { useChange } from "@/features/settings/save";
import { backUp } from "@/lib/backup";
import { askDataPart, askExport, type DataPart } from "@/lib/export";
import { useSessions } from "@/lib/query";
import { useShortcut } from "@/lib/shortcut";
import { syncNow, useIsSyncing } from "@/lib/sync";
import type { Move, Place } from "./place";

const Palette = lazy(() => import("./palette"));
const ShortcutHelp = lazy(() => import("./shortcut-help"));

type OverlaysProps = { place: Place; settings: Settings; onMove: (move: Move) => void; onAudience: (audience: Audience) => void };

/** What can be done from anywhere in the window, and what comes up over it to do it. */
export function Overlays({ place, settings, onMove, onAudience }: OverlaysProps) {
  const [open, setOpen] = useState<"palette" | "shortcuts" | null>(null);
  const client = useQueryClient();
  const change = useChange();
  const close = () => setOpen(null);

  useShortcut("palette", () => setOpen("palette"), { over: "panels" });
  useShortcut("find", () => onMove({ to: "find" }), { over: "panels" });
  useShortcut("new_chat", () => onMove({ to: "new-chat" }));
  useShortcut("temporary_chat", () => onMove({ to: place.temporary ? "new-chat" : "temporary-chat" }));
  useShortcut("chat", () => onMove({ to: "chat-section" }));
  useShortcut("memory", () => onMove({ to: "memory" }));
  useShortcut("persona", () => onMove({ to: "persona" }));
  useShortcut("settings", () => onMove({ to: "settings" }));
  useShortcut("audience", () => onAudience(place.audience === "owner" ? "visitor" : "owner"));
  useShortcut("theme", () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    void change((current) => ({ ...current, theme }));
  });
  const toData = (part: DataPart) => {
    askDataPart(part);
    onMove({ to: "settings", section: "data" });
  };
  useShortcut("export_all", () => toData("export"));
  useShortcut("import", () => toData("import"));
  useShortcut("back_up", () => void backUp(client));
  useShortcut("sync_now", () => void syncNow(client), { enabled: useIsSyncing() });
  const session = useSessions(place.audience).data?.find(({ id }) => id === place.session);
  useShortcut("export_chat", () => session && askExport([session]), { enabled: place.screen === "chat" && session !== undefined });
  useShortcut("shortcuts", () => setOpen("shortcuts"), { over: "panels" });

  return (
    <Suspense fallback={null}>
      <ExportDialog />
      {open === "palette" && (
        <Palette
          place={place}
          settings={settings}
          onClose={close}
          onMove={onMove}
          onFind={(text) => {
            writeFind({ text });
            onMove({ to: "find" });
          }}
          onMemory={(part) => {
            look({ ...noFilters, asOf: "", view: "list", open: null, ...part });
            onMove({ to: "memory" });
          }}
        />
      )}
      {open === "shortcuts" && (
        <ShortcutHelp
          settings={settings}
          onClose={close}
          onChange={() => {
            close();
            onMove({ to: "settings", section: "shortcuts" });
          }}
        />
      )}
    </Suspense>
  );
}
