/** What the program is to the desktop beside its window. */
export const desktop = {
  text: "Cómo tienes a mano Digital Twin mientras trabajas en otros programas.",
  tray: "Mantener un icono en la bandeja",
  trayHint: "Al cerrar la ventana, Digital Twin sigue abierto y aparece al instante. Para salir, usa Salir en el menú del icono.",
  trayTrouble: {
    no_host:
      "Este escritorio no muestra ahora iconos de programas, así que cerrar la ventana aún cierra Digital Twin. En GNOME, instala la extensión AppIndicator.",
    no_library:
      "Falta la biblioteca para los iconos de la bandeja, así que cerrar la ventana aún cierra Digital Twin. Instala libayatana-appindicator3 y vuelve a abrirlo.",
    failed:
      "No se ha podido poner el icono en la bandeja, así que cerrar la ventana aún cierra Digital Twin. Comprueba que se puede escribir en su carpeta y que el disco no está lleno; después, desactiva esta opción y vuelve a activarla.",
  },
  quick: "Ventana rápida",
  quickText: "Una ventana pequeña para una pregunta suelta, estés donde estés. Su respuesta se guarda entre tus chats.",
  keys: "Atajo para mostrarla",
  keysLabel: (shown: string) =>
    shown ? `Atajo de la ventana rápida: ${shown}. Cambiar el atajo` : "Atajo de la ventana rápida: ninguno. Elegir uno",
  keysClear: "Quitar el atajo de la ventana rápida",
  keysTrouble: {
    taken: (shown: string) => `Otro programa ya usa ${shown}. Elige otro atajo.`,
    unknown: (shown: string) => `${shown} no se puede usar en todas partes. Mantén Ctrl, Alt o Super con una tecla de este teclado.`,
    unsupported:
      "Este escritorio no deja que los programas escuchen el teclado. En los ajustes de teclado del sistema, asigna un atajo a esta orden:",
  },
  command: "digital-twin --quick",
  byItself: "Por su cuenta",
  login: "Abrir al iniciar sesión",
  loginHint: "Con un icono en la bandeja, se abre sin ventana.",
  loginUnsupported: "Digital Twin no puede encargarse de esto aquí. Hazlo en los ajustes de tu sistema.",
  paused: "Pausar todo lo que ocurre en segundo plano",
  pausedHint:
    "Por ahora son los títulos del modelo: mientras estén en pausa, el título son las primeras palabras. También en el menú del icono.",
  failed: "No se pudo leer cómo está configurado el escritorio.",
  returned: "Al cerrar la ventana, Digital Twin queda en la bandeja. Para salir, usa Salir en el menú del icono.",
  returnedSettings: "Ajustes",
  /** The menu of the icon. */
  menu: {
    show: "Mostrar Digital Twin",
    new_chat: "Chat nuevo",
    pause: "Pausar todo lo que ocurre en segundo plano",
    quit: "Salir",
  },
  /** In the quick window. */
  openInMain: "Abrir en la ventana principal",
  hide: "Ocultar (Esc)",
  notReady: "Todavía no responde nadie",
  notReadyText: "Elige en la ventana principal cómo encuentra tu gemelo las palabras.",
};
