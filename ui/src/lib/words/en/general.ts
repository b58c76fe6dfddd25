import type { SendKey, Theme } from "@/bindings";

const themes: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };
const sendKeys: Record<SendKey, string> = { enter: "Enter", ctrl_enter: "Ctrl Enter" };

export const general = {
  appearance: "Appearance",
  theme: "Theme",
  themes,
  textSize: "Text size",
  textSizeText: "Everything grows with it, not only the conversation.",
  smaller: "Smaller text",
  larger: "Larger text",
  percent: (value: string) => `${value} %`,
  standard: "Back to 100 %",
  language: "Language",
  languageText: "Of the window. Your twin answers in the language in which it is asked.",
  languageWaits: "The language changes when the window is loaded again. What is not saved here would be lost.",
  languageNow: "Load again…",
  languageSystemIs: (name: string) => `As the desktop (${name})`,
  writing: "Writing",
  send: "Send with",
  sendText: { enter: "Shift Enter begins a new line.", ctrl_enter: "Enter begins a new line." },
  sendKeys,
  titles: "Let the model name new chats",
  titlesText:
    "After the first answer, the model that gave it is asked for a title. The little that this costs is not counted under “Usage and cost”. Otherwise the first words are the title.",
  about: "About",
  version: "Version",
  home: "Data folder",
};
