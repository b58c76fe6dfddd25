import { useEffect } from "react";
import type { Language } from "@/bindings";
import { remember } from "./remember";
import { en, type Words } from "./words/en";

/** A language that the window speaks, as BCP 47 writes it: what `lang`, dates and numbers go by. */
export type Tongue = Exclude<Language, "system">;

/** How each language calls itself; in the order in which they are offered. */
export const tongues: Record<Tongue, string> = { en: "English", de: "Deutsch", es: "Español", "zh-Hans": "简体中文", ar: "العربية" };

/** A language is its catalogue and a line here. Loaded only where it is spoken; English is always there. */
export const catalogues: Record<Exclude<Tongue, "en">, () => Promise<Words>> = {
  de: async () => (await import("./words/de")).de,
  es: async () => (await import("./words/es")).es,
  "zh-Hans": async () => (await import("./words/zh-Hans")).zhHans,
  ar: async () => (await import("./words/ar")).ar,
};

/** Every word that the window shows. Set once, by {@link speak}, before anything that uses it is loaded: changing the language loads the page again. */
export let words: Words = en;
export let tongue: Tongue = "en";

const remembered = "twin.language";

/** What `language` means on this machine. */
export function tongueOf(language: Language, preferred: readonly string[] = navigator.languages): Tongue {
  if (language !== "system") return language;
  for (const tag of preferred) {
    const { language: base, script } = localeOf(tag);
    if (base === "zh") {
      if (script === "Hans") return "zh-Hans";
    } else if (base in tongues) return base as Tongue;
  }
  return "en";
}

/** A desktop without a language calls it `C`, and engines throw at what is no tag: that would be a window without a page. */
function localeOf(tag: string): Intl.Locale {
  try {
    return new Intl.Locale(tag).maximize();
  } catch {
    return new Intl.Locale("und");
  }
}

/** Before the settings are known: the language that was shown last. */
export async function speakRemembered(): Promise<void> {
  const known = localStorage.getItem(remembered);
  await speak(known !== null && known in tongues ? (known as Tongue) : tongueOf("system"));
}

/** Another language than the one shown is another page: `change` loads it, at once or when nothing is lost by it. */
export function useLanguage(language: Language, change: () => void): void {
  const wanted = tongueOf(language);
  useEffect(() => {
    remember(remembered, wanted);
    if (wanted !== tongue) change();
  }, [wanted, change]);
}

export async function speak(wanted: Tongue): Promise<void> {
  words = wanted === "en" ? en : await catalogues[wanted]();
  tongue = wanted;
  document.documentElement.lang = wanted;
  document.documentElement.dir = wanted === "ar" ? "rtl" : "ltr";
}
