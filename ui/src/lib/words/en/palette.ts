import { count } from "./count";

export const palette = {
  title: "Command palette",
  placeholder: "What would you like to do or find?",
  list: "Commands, chats, models and settings",
  recent: "Recent",
  groups: { actions: "Actions", chats: "Chats", models: "Models for this chat", memory: "Memory", settings: "Settings" },
  messages: "Messages",
  findMessages: (text: string) => `Search messages for “${text}”`,
  findMemories: (text: string) => `Search memory for “${text}”`,
  contradictions: "Contradictions",
  archived: "archived",
  toSection: (section: string) => `Settings: ${section}`,
  toMemory: (part: string) => `Memory: ${part}`,
  asVisitor: "Talk as a visitor",
  asOwner: "Talk as yourself",
  toDark: "Use the dark theme",
  toLight: "Use the light theme",
  fits: (value: number) => count(value, "entry fits", "entries fit"),
  move: "move",
  run: "open",
  close: "close",
};
