import type { Words } from "@/lib/words/en";
import { count } from "./count";

export const thread: Words["thread"] = {
  label: "Gespräch",
  latest: "Zum Neuesten springen",
  latestBelow: (below) => `Zum Neuesten springen: ${count(below, "Nachricht", "Nachrichten")} darunter`,
  latestNew: (fresh) => `Zum Neuesten springen: ${count(fresh, "neue Nachricht", "neue Nachrichten")}`,
  fresh: (fresh) => `${fresh.toLocaleString("de")} neu`,
  below: (below) => `${below.toLocaleString("de")} darunter`,
  more: "Mehr",
  edit: "Bearbeiten",
  fork: "In neuen Chat abzweigen",
  forked: (title) => `In den neuen Chat „${title}“ abgezweigt`,
  remove: "Diesen Zweig löschen …",
  selectText: "Text auswählen",
  copy: "Kopieren",
  editor: {
    label: "Nachricht bearbeiten",
    send: "Speichern & senden",
    sendHint: "Die Antworten auf die alte Fassung bleiben neben der neuen erhalten.",
    cancel: "Abbrechen",
    files: "Dateien, die mitgehen",
    removeFile: (name) => `${name} entfernen`,
    discarded: "Die geänderte Nachricht wurde nicht gesendet",
    resume: "Weiter bearbeiten",
  },
  deletion: {
    title: "Diesen Zweig löschen?",
    text: (follow: number) =>
      follow === 0
        ? "Diese Nachricht wird aus dem Gespräch genommen."
        : "Diese Nachricht und alles, was auf sie folgt, auch andere Fassungen, werden aus dem Gespräch genommen.",
    keep: "Behalten",
    remove: "Löschen",
    done: "Der Zweig wurde gelöscht",
    undo: "Rückgängig",
  },
  forkedFrom: "Dieser Chat ist eine Abzweigung.",
  forkedShow: "Zeigen, wo sie begann",
  forkedLost: "Der Chat, von dem dieser abzweigt, ließ sich nicht finden",
};
