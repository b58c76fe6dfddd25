import { count } from "./count";

/** Where one writes. */
export const composer = {
  placeholder: (name: string) => `Escribe a ${name}…`,
  label: (name: string) => `Mensaje para ${name}`,
  send: "Enviar",
  sendHint: (keys: string) => `Enviar (${keys})`,
  stop: "Detener",
  enter: "Enter",
  ctrlEnter: "Ctrl Enter",
  commandEnter: "⌘ Enter",
  answering: (name: string, keys: string) =>
    keys ? `${name} está respondiendo. Detén la respuesta con ${keys}.` : `${name} está respondiendo.`,
  filesWait: "Espera a que se lean los archivos.",
  conversationWait: "Se está leyendo la conversación.",
  characters: (value: number) => count(value, "carácter", "caracteres"),
  notSent: "Tu mensaje no se envió",
  earlier: (place: number) => (place === 1 ? "Tu último mensaje. Esc lo descarta." : "Un mensaje tuyo anterior. Esc lo descarta."),
  pasted: (size: string, lines: number) => `Texto pegado, ${size}, ${count(lines, "línea", "líneas")}`,
  pastedAttach: "Adjuntar como archivo",
  pastedKeep: "Dejar como texto",
  pastedName: (place: number) => (place === 1 ? "Texto pegado.txt" : `Texto pegado ${place}.txt`),
  pastedBack: (name: string) => `Volver a poner ${name} como texto`,
  dropText: "Suelta para añadir el texto",
  lost: (names: string[]) =>
    names.length === 1
      ? `«${names[0]}» ya no está pendiente aquí`
      : `${count(names.length, "archivo", "archivos")} ya no están pendientes aquí: ${names.join(", ")}`,
  lostText: (files: number) =>
    files === 1
      ? "Los archivos esperan solo mientras la ventana está abierta. Adjúntalo de nuevo para enviarlo."
      : "Los archivos esperan solo mientras la ventana está abierta. Adjúntalos de nuevo para enviarlos.",
};
