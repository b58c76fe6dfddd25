import { count } from "./count";

export const palette = {
  title: "Command palette",
  placeholder: "What would you like to do or find?",
  list: "Commands, chats, models and settings",
  recent: "Recent",
  groups: { actions: "Actions", chats: "Chats", models: "Models for this chat", settings: "Settings" },
  messages: "Messages",
  findMessages: (text: string) => `Search messages for “${text}”`,
  archived: "archived",
  toSection: (section: string) => `Settings: ${section}`,
  asVisitor: "Talk as a visitor",
  asOwner: "Talk as yourself",
  toDark: "Use the dark theme",
  toLight: "Use the light theme",
  fits: (value: number) => count(value, "entry fits", "entries fit"),
  move: "move",
  run: "open",
  close: "close",
};
