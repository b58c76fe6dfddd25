import { useEffect } from "react";
import { commands } from "@/bindings";

let told = false;

/** Tells the shell, once, that the person can start: the window has something usable in it. */
export function useWindowReady(): void {
  useEffect(() => {
    if (told) return;
    told = true;
    void commands.windowReady().catch(() => {
      told = false;
    });
  }, []);
}
