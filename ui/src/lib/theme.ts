import { useEffect } from "react";
import type { Theme } from "@/bindings";
import { remember } from "./remember";
import { useMedia } from "./use-media";

const remembered = "twin.theme";

/** Before the settings are known: what was shown last, so that the window does not blink from light to dark. */
export function applyRememberedTheme(): void {
  const theme = localStorage.getItem(remembered);
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}

export function useTheme(theme: Theme): void {
  const systemDark = useMedia("(prefers-color-scheme: dark)");
  useEffect(() => {
    const shown = theme === "system" ? (systemDark ? "dark" : "light") : theme;
    document.documentElement.dataset.theme = shown;
    remember(remembered, theme === "system" ? "system" : shown);
  }, [theme, systemDark]);
}
