/** What the program is to the desktop beside its window. */
export const desktop = {
  text: "How Digital Twin is at hand while you work in other programs.",
  tray: "Keep an icon in the tray",
  trayHint: "Closing the window then leaves Digital Twin running, so that it is there at once. Quit in the icon’s menu ends it.",
  trayTrouble: {
    no_host:
      "This desktop shows no icons of programs at the moment, so closing the window still ends Digital Twin. On GNOME, install the extension AppIndicator.",
    no_library:
      "The library for icons in the tray is missing, so closing the window still ends Digital Twin. Install libayatana-appindicator3, then start it again.",
    failed:
      "The icon could not be put into the tray, so closing the window still ends Digital Twin. Make sure that its folder can be written to and that the disk is not full, then turn this off and on again.",
  },
  quick: "Quick window",
  quickText: "A small window for a question in between, from wherever you are. Its answer is kept among your chats.",
  keys: "Keys that show it",
  keysLabel: (shown: string) =>
    shown ? `Keys of the quick window: ${shown}. Change the keys` : "Keys of the quick window: none. Choose some",
  keysClear: "Take the keys of the quick window away",
  keysTrouble: {
    taken: (shown: string) => `Another program has ${shown} already. Choose other keys.`,
    unknown: (shown: string) => `${shown} cannot be used everywhere. Hold Ctrl, Alt or Super with a key of this keyboard.`,
    unsupported: "This desktop lets no program listen for keys. In its own keyboard settings, give keys to this command:",
  },
  command: "digital-twin --quick",
  byItself: "By itself",
  login: "Start when I log in",
  loginHint: "With an icon in the tray it starts without a window.",
  loginUnsupported: "Digital Twin cannot arrange this here. The settings of your system can.",
  paused: "Pause everything in the background",
  pausedHint: "For now these are the titles by the model: while they rest, the first words are the title. Also in the menu of the icon.",
  failed: "How the desktop has it could not be read.",
  returned: "Closing the window leaves Digital Twin in the tray. Quit in the icon’s menu ends it.",
  returnedSettings: "Settings",
  /** The menu of the icon. */
  menu: {
    show: "Show Digital Twin",
    new_chat: "New chat",
    pause: "Pause everything in the background",
    quit: "Quit",
  },
  /** In the quick window. */
  openInMain: "Open in the main window",
  hide: "Hide (Esc)",
  notReady: "Nobody answers yet",
  notReadyText: "Choose in the main window how your twin finds its words.",
};
