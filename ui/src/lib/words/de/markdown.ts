import type { Words } from "@/lib/words/en";
import { count } from "./count";

export const markdown: Words["markdown"] = {
  code: "Code",
  codeIn: (language) => `Code, ${language}`,
  codePlain: "Code",
  wrap: "Umbrechen",
  wrapLines: "Lange Zeilen umbrechen",
  picture: (alt) => (alt ? `[Bild nicht gezeigt: ${alt}]` : "[Bild nicht gezeigt]"),
  table: "Tabelle",
  allRows: (value) => `Alle ${count(value, "Zeile", "Zeilen")} zeigen`,
  allItems: (value) => `Alle ${count(value, "Eintrag", "Einträge")} zeigen`,
  taskDone: "Erledigt",
  taskOpen: "Offen",
  notes: "Fußnoten",
  toNote: (number) => `Fußnote ${number}`,
  fromNote: (number) => `Zurück zu der Stelle, an der Fußnote ${number} steht`,
  formulaFailed: "Diese Formel ließ sich nicht lesen, deshalb steht hier ihr Quelltext.",
  diagram: "Diagramm",
  diagramOf: (kind) => `Diagramm (${kind}). Sein Quelltext lässt sich als Code zeigen.`,
  diagramDrawing: "Das Diagramm wird gezeichnet …",
  diagramFailed: "Dieses Diagramm ließ sich nicht zeichnen, deshalb steht hier sein Quelltext.",
  showCode: "Code",
  showDiagram: "Diagramm",
  enlarge: "Vergrößern",
};
