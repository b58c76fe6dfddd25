import { count } from "./count";

/** The conversation itself: its messages and what can be done with them. */
export const thread = {
  label: "Conversation",
  latest: "Jump to latest",
  latestBelow: (below: number) => `Jump to latest: ${count(below, "message", "messages")} below`,
  latestNew: (fresh: number) => `Jump to latest: ${count(fresh, "new message", "new messages")}`,
  fresh: (fresh: number) => `${fresh.toLocaleString("en-GB")} new`,
  below: (below: number) => `${below.toLocaleString("en-GB")} below`,
  more: "More",
  edit: "Edit",
  fork: "Fork into a new chat",
  forked: (title: string) => `Forked into a new chat, “${title}”`,
  remove: "Delete this branch…",
  selectText: "Select text",
  copy: "Copy",
  editor: {
    label: "Edit the message",
    send: "Save & send",
    sendHint: "The answers to the old version are kept beside the new one.",
    cancel: "Cancel",
    files: "Files that go along",
    removeFile: (name: string) => `Take ${name} away`,
    discarded: "The changed message was not sent",
    resume: "Edit on",
  },
  deletion: {
    title: "Delete this branch?",
    text: (follow: number): string =>
      follow === 0
        ? "This message is taken out of the conversation."
        : "This message and everything that follows it, other versions included, are taken out of the conversation.",
    keep: "Keep it",
    remove: "Delete",
    done: "The branch was deleted",
    undo: "Undo",
  },
  forkedFrom: "This chat is a fork.",
  forkedShow: "Show where it began",
  forkedLost: "The chat that this one was forked from could not be found",
};
