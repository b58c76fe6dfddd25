import type { Words } from "@/lib/words/en";
import { count } from "./count";

export const palette: Words["palette"] = {
  title: "Befehlspalette",
  placeholder: "Was möchtest du tun oder finden?",
  list: "Befehle, Chats, Modelle und Einstellungen",
  recent: "Zuletzt",
  groups: { actions: "Aktionen", chats: "Chats", models: "Modelle für diesen Chat", memory: "Gedächtnis", settings: "Einstellungen" },
  messages: "Nachrichten",
  findMessages: (text) => `Nachrichten nach „${text}“ durchsuchen`,
  findMemories: (text) => `Gedächtnis nach „${text}“ durchsuchen`,
  contradictions: "Widersprüche",
  archived: "archiviert",
  toSection: (section) => `Einstellungen: ${section}`,
  toMemory: (part) => `Gedächtnis: ${part}`,
  asVisitor: "Als Besucher sprechen",
  asOwner: "Als du selbst sprechen",
  toDark: "Zum dunklen Erscheinungsbild",
  toLight: "Zum hellen Erscheinungsbild",
  fits: (value) => count(value, "Eintrag passt", "Einträge passen"),
  move: "bewegen",
  run: "öffnen",
  close: "schließen",
};
