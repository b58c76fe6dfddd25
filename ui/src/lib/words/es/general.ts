import type { SendKey, Theme } from "@/bindings";

const themes: Record<Theme, string> = { system: "Sistema", light: "Claro", dark: "Oscuro" };
const sendKeys: Record<SendKey, string> = { enter: "Enter", ctrl_enter: "Ctrl Enter" };

export const general = {
  appearance: "Apariencia",
  theme: "Tema",
  themes,
  textSize: "Tamaño del texto",
  textSizeText: "Todo crece con él, no solo la conversación.",
  smaller: "Texto más pequeño",
  larger: "Texto más grande",
  percent: (value: string) => `${value} %`,
  standard: "Volver al 100 %",
  language: "Idioma",
  languageText: "El de la ventana. Tu gemelo responde en el idioma en que le preguntan.",
  languageWaits: "El idioma cambia al volver a cargar la ventana. Se perdería lo que aquí no está guardado.",
  languageNow: "Volver a cargar…",
  languageSystemIs: (name: string) => `El del escritorio (${name})`,
  writing: "Escritura",
  send: "Enviar con",
  sendText: { enter: "Mayús Enter empieza una línea nueva.", ctrl_enter: "Enter empieza una línea nueva." },
  sendKeys,
  titles: "Dejar que el modelo ponga título a los chats nuevos",
  titlesText:
    "Tras la primera respuesta, se pide un título al modelo que la dio. Lo poco que cuesta no se cuenta en «Uso y gasto». Si no, el título son las primeras palabras.",
  about: "Acerca de",
  version: "Versión",
  home: "Carpeta de datos",
};
