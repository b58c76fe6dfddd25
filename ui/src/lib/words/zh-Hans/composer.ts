import { count } from "./count";

/** Where one writes. */
export const composer = {
  placeholder: (name: string) => `写给 ${name}…`,
  label: (name: string) => `给 ${name} 的消息`,
  send: "发送",
  sendHint: (keys: string) => `发送 (${keys})`,
  stop: "停止",
  enter: "Enter",
  ctrlEnter: "Ctrl Enter",
  commandEnter: "⌘ Enter",
  answering: (name: string, keys: string) => (keys ? `${name} 正在回答。按 ${keys} 可停止。` : `${name} 正在回答。`),
  filesWait: "请等文件读取完毕。",
  conversationWait: "正在读取对话。",
  characters: (value: number) => count(value, "个字符"),
  notSent: "消息未能发送",
  earlier: (place: number) => (place === 1 ? "你的上一条消息。按 Esc 放弃。" : "你较早的一条消息。按 Esc 放弃。"),
  pasted: (size: string, lines: number) => `粘贴的文本，${size}，${count(lines, "行")}`,
  pastedAttach: "作为文件附加",
  pastedKeep: "保留为文本",
  pastedName: (place: number) => (place === 1 ? "粘贴的文本.txt" : `粘贴的文本 ${place}.txt`),
  pastedBack: (name: string) => `将 ${name} 放回为文本`,
  dropText: "松开以添加文本",
  lost: (names: string[]) =>
    names.length === 1 ? `“${names[0]}”已不在待发送之列` : `${count(names.length, "个文件")}已不在待发送之列：${names.join("、")}`,
  lostText: (_files: number) => "待发送的文件只在窗口打开期间保留。要发送，请重新附加。",
};
