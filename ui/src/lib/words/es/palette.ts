import { plural } from "@/lib/words/plural";

export const palette = {
  title: "Paleta de comandos",
  placeholder: "¿Qué quieres hacer o encontrar?",
  list: "Comandos, chats, modelos y ajustes",
  recent: "Reciente",
  groups: { actions: "Acciones", chats: "Chats", models: "Modelos para este chat", memory: "Memoria", settings: "Ajustes" },
  messages: "Mensajes",
  findMessages: (text: string) => `Buscar «${text}» en los mensajes`,
  findMemories: (text: string) => `Buscar «${text}» en la memoria`,
  contradictions: "Contradicciones",
  archived: "archivado",
  toSection: (section: string) => `Ajustes: ${section}`,
  toMemory: (part: string) => `Memoria: ${part}`,
  asVisitor: "Hablar como visitante",
  asOwner: "Hablar como tú",
  toDark: "Usar el tema oscuro",
  toLight: "Usar el tema claro",
  fits: (value: number) =>
    plural("es", value, { one: "# entrada coincide", many: "# de entradas coinciden", other: "# entradas coinciden" }),
  move: "mover",
  run: "abrir",
  close: "cerrar",
};
