import type { SendKey, Theme } from "@/bindings";

const themes: Record<Theme, string> = { system: "跟随系统", light: "浅色", dark: "深色" };
const sendKeys: Record<SendKey, string> = { enter: "Enter", ctrl_enter: "Ctrl Enter" };

export const general = {
  appearance: "外观",
  theme: "主题",
  themes,
  textSize: "文字大小",
  textSizeText: "不仅是对话，整个界面都会随之缩放。",
  smaller: "缩小文字",
  larger: "放大文字",
  percent: (value: string) => `${value}%`,
  standard: "恢复到 100%",
  language: "语言",
  languageText: "指窗口的语言。分身会用提问所用的语言回答。",
  languageWaits: "重新加载窗口后语言才会改变。此处未保存的内容将会丢失。",
  languageNow: "重新加载…",
  languageSystemIs: (name: string) => `跟随桌面（${name}）`,
  writing: "输入",
  send: "发送键",
  sendText: { enter: "按 Shift Enter 换行。", ctrl_enter: "按 Enter 换行。" },
  sendKeys,
  titles: "让模型为新对话命名",
  titlesText: "第一次回答之后，会请给出回答的模型拟一个标题。由此产生的少量费用不计入“用量与费用”。否则以开头的几个词为标题。",
  about: "关于",
  version: "版本",
  home: "数据文件夹",
};
