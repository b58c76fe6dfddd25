import { count, countPlain } from "./count";

/** The conversation itself: its messages and what can be done with them. */
export const thread = {
  label: "Conversación",
  latest: "Ir al final",
  latestBelow: (below: number) => `Ir al final: ${count(below, "mensaje", "mensajes")} más abajo`,
  latestNew: (fresh: number) => `Ir al final: ${count(fresh, "mensaje nuevo", "mensajes nuevos")}`,
  fresh: (fresh: number) => count(fresh, "nuevo", "nuevos"),
  below: (below: number) => countPlain(below, "más abajo"),
  more: "Más",
  edit: "Editar",
  fork: "Bifurcar en un chat nuevo",
  forked: (title: string) => `Bifurcado en un chat nuevo, «${title}»`,
  remove: "Eliminar esta rama…",
  selectText: "Seleccionar texto",
  copy: "Copiar",
  editor: {
    label: "Editar el mensaje",
    send: "Guardar y enviar",
    sendHint: "Las respuestas a la versión anterior se conservan junto a la nueva.",
    cancel: "Cancelar",
    files: "Archivos que lo acompañan",
    removeFile: (name: string) => `Quitar ${name}`,
    discarded: "El mensaje modificado no se envió",
    resume: "Seguir editando",
  },
  deletion: {
    title: "¿Eliminar esta rama?",
    text: (follow: number) =>
      follow === 0
        ? "Este mensaje se quita de la conversación."
        : "Este mensaje y todo lo que le sigue, incluidas otras versiones, se quitan de la conversación.",
    keep: "Conservar",
    remove: "Eliminar",
    done: "Rama eliminada",
    undo: "Deshacer",
  },
  forkedFrom: "Este chat es una bifurcación.",
  forkedShow: "Ver dónde empezó",
  forkedLost: "No se encontró el chat del que se bifurcó este",
};
