import type { Words } from "@/lib/words/en";
import { count } from "./count";

export const composer: Words["composer"] = {
  placeholder: (name) => `Schreib an ${name} …`,
  label: (name) => `Nachricht an ${name}`,
  send: "Senden",
  sendHint: (keys) => `Senden (${keys})`,
  stop: "Anhalten",
  enter: "Enter",
  ctrlEnter: "Ctrl Enter",
  commandEnter: "⌘ Enter",
  answering: (name, keys) => (keys ? `${name} antwortet. ${keys} hält an.` : `${name} antwortet.`),
  filesWait: "Warte, bis die Dateien gelesen sind.",
  conversationWait: "Das Gespräch wird gelesen.",
  characters: (value) => count(value, "Zeichen", "Zeichen"),
  notSent: "Deine Nachricht wurde nicht gesendet",
  earlier: (place) => (place === 1 ? "Deine letzte Nachricht. Esc verwirft sie." : "Eine frühere Nachricht von dir. Esc verwirft sie."),
  pasted: (size, lines) => `Eingefügter Text, ${size}, ${count(lines, "Zeile", "Zeilen")}`,
  pastedAttach: "Als Datei anhängen",
  pastedKeep: "Als Text behalten",
  pastedName: (place) => (place === 1 ? "Eingefügter Text.txt" : `Eingefügter Text ${place}.txt`),
  pastedBack: (name) => `${name} wieder als Text einfügen`,
  dropText: "Loslassen, um den Text einzufügen",
  lost: (names) =>
    names.length === 1
      ? `„${names[0]}“ wartet hier nicht mehr`
      : `${count(names.length, "Datei wartet", "Dateien warten")} hier nicht mehr: ${names.join(", ")}`,
  // One file or several: "sie" is both.
  lostText: (_files) => "Dateien warten nur, solange das Fenster offen ist. Häng sie noch einmal an, um sie zu senden.",
};
