import { count } from "./count";

/** The conversation itself: its messages and what can be done with them. */
export const thread = {
  label: "对话内容",
  latest: "跳到最新消息",
  latestBelow: (below: number) => `跳到最新消息：下方还有 ${count(below, "条消息")}`,
  latestNew: (fresh: number) => `跳到最新消息：${count(fresh, "条新消息")}`,
  fresh: (fresh: number) => count(fresh, "条新消息"),
  below: (below: number) => `下方 ${count(below, "条")}`,
  more: "更多",
  edit: "编辑",
  fork: "派生为新对话",
  forked: (title: string) => `已派生为新对话“${title}”`,
  remove: "删除此分支…",
  selectText: "选择文本",
  copy: "复制",
  editor: {
    label: "编辑消息",
    send: "保存并发送",
    sendHint: "旧版本的回答会与新版本一同保留。",
    cancel: "取消",
    files: "随消息发送的文件",
    removeFile: (name: string) => `移除 ${name}`,
    discarded: "修改后的消息未发送",
    resume: "继续编辑",
  },
  deletion: {
    title: "删除此分支？",
    text: (follow: number) => (follow === 0 ? "这条消息将从对话中移除。" : "这条消息及其后的所有内容（包括其他版本）都将从对话中移除。"),
    keep: "保留",
    remove: "删除",
    done: "分支已删除",
    undo: "撤销",
  },
  forkedFrom: "此对话派生自另一个对话。",
  forkedShow: "查看派生的位置",
  forkedLost: "找不到此对话所派生自的对话",
};
