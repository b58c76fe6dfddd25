import type { Words } from "@/lib/words/en";

export const general: Words["general"] = {
  appearance: "Darstellung",
  theme: "Erscheinungsbild",
  themes: { system: "System", light: "Hell", dark: "Dunkel" },
  textSize: "Textgröße",
  textSizeText: "Alles wächst mit, nicht nur das Gespräch.",
  smaller: "Kleinerer Text",
  larger: "Größerer Text",
  percent: (value) => `${value} %`,
  standard: "Zurück zu 100 %",
  language: "Sprache",
  languageText: "Die des Fensters. Dein Zwilling antwortet in der Sprache, in der er gefragt wird.",
  languageWaits: "Die Sprache wechselt, wenn das Fenster neu geladen wird. Was hier nicht gespeichert ist, ginge verloren.",
  languageNow: "Neu laden…",
  languageSystemIs: (name) => `Wie der Desktop (${name})`,
  writing: "Schreiben",
  send: "Senden mit",
  sendText: { enter: "Shift Enter beginnt eine neue Zeile.", ctrl_enter: "Enter beginnt eine neue Zeile." },
  sendKeys: { enter: "Enter", ctrl_enter: "Ctrl Enter" },
  titles: "Neue Chats vom Modell benennen lassen",
  titlesText:
    "Nach der ersten Antwort wird das Modell, von dem sie stammt, um einen Titel gebeten. Das Wenige, was das kostet, ist unter „Nutzung“ nicht mitgezählt. Sonst sind die ersten Wörter der Titel.",
  about: "Über",
  version: "Version",
  home: "Datenordner",
};
