import { count } from "./count";

export const palette = {
  title: "命令面板",
  placeholder: "想做什么，或找什么？",
  list: "命令、对话、模型和设置",
  recent: "最近使用",
  groups: { actions: "操作", chats: "对话", models: "用于此对话的模型", memory: "记忆", settings: "设置" },
  messages: "消息",
  findMessages: (text: string) => `在消息中搜索“${text}”`,
  findMemories: (text: string) => `在记忆中搜索“${text}”`,
  contradictions: "矛盾",
  archived: "已归档",
  toSection: (section: string) => `设置：${section}`,
  toMemory: (part: string) => `记忆：${part}`,
  asVisitor: "以访客身份对话",
  asOwner: "以本人身份对话",
  toDark: "使用深色主题",
  toLight: "使用浅色主题",
  fits: (value: number) => count(value, "项符合"),
  move: "移动",
  run: "打开",
  close: "关闭",
};
