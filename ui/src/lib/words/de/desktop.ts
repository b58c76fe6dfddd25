import type { Words } from "@/lib/words/en";

export const desktop: Words["desktop"] = {
  text: "Wie Digital Twin zur Hand ist, während du in anderen Programmen arbeitest.",
  tray: "Symbol im Infobereich behalten",
  trayHint:
    "Digital Twin läuft dann weiter, wenn du das Fenster schließt, und ist sofort wieder da. „Beenden“ im Menü des Symbols beendet es.",
  trayTrouble: {
    no_host:
      "Dieser Desktop zeigt zurzeit keine Symbole von Programmen. Das Schließen des Fensters beendet Digital Twin also weiterhin. Installiere unter GNOME die Erweiterung AppIndicator.",
    no_library:
      "Die Bibliothek für Symbole im Infobereich fehlt. Das Schließen des Fensters beendet Digital Twin also weiterhin. Installiere libayatana-appindicator3 und starte es dann neu.",
    failed:
      "Das Symbol konnte nicht in den Infobereich gesetzt werden. Das Schließen des Fensters beendet Digital Twin also weiterhin. Prüfe, ob der Ordner beschreibbar und auf dem Datenträger noch Platz ist, und schalte dies dann aus und wieder ein.",
  },
  quick: "Schnellfenster",
  quickText: "Ein kleines Fenster für eine Frage zwischendurch, wo immer du gerade bist. Die Antwort bleibt bei deinen Chats.",
  keys: "Tasten, die es zeigen",
  keysLabel: (shown) =>
    shown ? `Tasten des Schnellfensters: ${shown}. Andere Tasten wählen` : "Tasten des Schnellfensters: keine. Tasten wählen",
  keysClear: "Tasten des Schnellfensters entfernen",
  keysTrouble: {
    taken: (shown) => `${shown} gehört schon einem anderen Programm. Wähle andere Tasten.`,
    unknown: (shown) => `${shown} lässt sich nicht überall verwenden. Halte Ctrl, Alt oder Super zusammen mit einer Taste dieser Tastatur.`,
    unsupported:
      "Auf diesem Desktop darf kein Programm auf Tasten hören. Gib in seinen eigenen Tastatureinstellungen diesem Befehl ein Tastenkürzel:",
  },
  command: "digital-twin --quick",
  byItself: "Von selbst",
  login: "Beim Anmelden starten",
  loginHint: "Mit einem Symbol im Infobereich startet es ohne Fenster.",
  loginUnsupported: "Digital Twin kann das hier nicht einrichten. Die Einstellungen deines Systems können es.",
  paused: "Alles im Hintergrund anhalten",
  pausedHint: "Derzeit sind das die Titel vom Modell: Solange sie ruhen, sind die ersten Wörter der Titel. Auch im Menü des Symbols.",
  failed: "Wie der Desktop eingestellt ist, ließ sich nicht lesen.",
  returned: "Digital Twin bleibt im Infobereich, wenn du das Fenster schließt. „Beenden“ im Menü des Symbols beendet es.",
  returnedSettings: "Einstellungen",
  menu: {
    show: "Digital Twin zeigen",
    new_chat: "Neuer Chat",
    pause: "Alles im Hintergrund anhalten",
    quit: "Beenden",
  },
  openInMain: "Im Hauptfenster öffnen",
  hide: "Ausblenden (Esc)",
  notReady: "Noch antwortet niemand",
  notReadyText: "Wähle im Hauptfenster, wie dein Zwilling seine Worte findet.",
};
