import { useEffect } from "react";
import { commands } from "@/bindings";
import { listenToDesktop } from "@/host/notices";
import { remember } from "@/lib/remember";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import type { Move } from "./place";

const told = "twin.told.tray";

/** What stands outside of the page speaks its language. */
export function useDesktopWords(): void {
  useEffect(() => {
    // Why the home could not be opened is told by the page's own first call.
    void commands.desktopWords(words.desktop.menu).catch(() => {});
  }, []);
}

/** Goes where the desktop asks for. */
export function useDesktop(go: (move: Move) => void): void {
  useEffect(
    () =>
      listenToDesktop((event) => {
        if (event.type === "new_chat") go({ to: "new-chat" });
        else if (event.type === "open") go({ to: "chat", session: event.session_id, audience: "owner" });
        else if (localStorage.getItem(told) === null) {
          // Once: whoever closed the window did not see where it went.
          remember(told, "1");
          const run = () => go({ to: "settings", section: "desktop" });
          showToast(words.desktop.returned, { action: { label: words.desktop.returnedSettings, run } });
        }
      }),
    [go],
  );
}
