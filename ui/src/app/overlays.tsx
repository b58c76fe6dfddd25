import { lazy, Suspense, useState } from "react";
import type { Audience, Settings } from "@/bindings";
import { writeFind } from "@/features/find/state";
import { look, noFilters } from "@/features/memory/state";
import { useChange } from "@/features/settings/save";
import { useShortcut } from "@/lib/shortcut";
import type { Move, Place } from "./place";

const Palette = lazy(() => import("./palette"));
const ShortcutHelp = lazy(() => import("./shortcut-help"));

type OverlaysProps = { place: Place; settings: Settings; onMove: (move: Move) => void; onAudience: (audience: Audience) => void };

/** What can be done from anywhere in the window, and what comes up over it to do it. */
export function Overlays({ place, settings, onMove, onAudience }: OverlaysProps) {
  const [open, setOpen] = useState<"palette" | "shortcuts" | null>(null);
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
  useShortcut("shortcuts", () => setOpen("shortcuts"), { over: "panels" });

  return (
    <Suspense fallback={null}>
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
