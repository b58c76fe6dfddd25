import type { FindOrder } from "@/bindings";
import { plural } from "@/lib/words/plural";
import { count } from "./count";

const orders: Record<Exclude<FindOrder, "oldest">, string> = { newest: "Recientes", best: "Relevantes" };

export const find = {
  title: "Buscar en todos los mensajes",
  short: "Buscar",
  placeholder: "Buscar en todos los mensajes",
  order: "Orden",
  orders,
  who: "Quién",
  whoAny: "Cualquiera",
  me: "Tú",
  visitor: "Visitante",
  when: "Cuándo",
  times: {
    any: "Cualquier fecha",
    today: "Hoy",
    week: "Últimos 7 días",
    month: "Últimos 30 días",
    year: "Este año",
    own: "Otras fechas",
  },
  from: "Desde",
  to: "Hasta",
  chat: "Chat",
  chatAny: "Todos los chats",
  chatSearch: "Buscar chats",
  chatNone: "Ningún chat tiene este título",
  clearFilters: "Quitar filtros",
  results: "Mensajes encontrados",
  found: (value: number, more: boolean) =>
    more
      ? plural("es", value, { one: "El primer mensaje", many: "El primer # de mensajes", other: "Los primeros # mensajes" })
      : count(value, "mensaje", "mensajes"),
  more: "Mostrar más",
  archived: "archivado",
  start: "Encuentra lo que se dijo",
  startText: 'Deben aparecer todas las palabras, en cualquier orden. Ponlas "entre comillas dobles" para buscarlas tal cual.',
  none: (text: string) => `Nada coincide con «${text}»`,
  noneText: "Prueba con menos palabras o más cortas.",
  noneFiltered: "Quizá quede fuera de los filtros.",
  failed: "No se pudo buscar en los mensajes",
  here: "Buscar en este chat",
  of: (index: number, total: string) => `${index} de ${total}`,
  atLeast: (total: string) => `${total}+`,
  nothing: "Sin resultados",
  next: "Resultado siguiente",
  previous: "Resultado anterior",
  close: "Cerrar",
};
