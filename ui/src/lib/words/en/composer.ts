import { count } from "./count";

/** Where one writes. */
export const composer = {
  placeholder: (name: string) => `Write to ${name}…`,
  label: (name: string) => `Message to ${name}`,
  send: "Send",
  sendHint: (keys: string) => `Send (${keys})`,
  stop: "Stop",
  enter: "Enter",
  ctrlEnter: "Ctrl Enter",
  commandEnter: "⌘ Enter",
  answering: (name: string, keys: string) => (keys ? `${name} is answering. ${keys} stops it.` : `${name} is answering.`),
  filesWait: "Wait until the files are read.",
  conversationWait: "The conversation is being read.",
  characters: (value: number) => count(value, "character", "characters"),
  notSent: "Your message was not sent",
  earlier: (place: number): string =>
    place === 1 ? "Your last message. Esc gives it up." : "An earlier message of yours. Esc gives it up.",
  pasted: (size: string, lines: number) => `Pasted text, ${size}, ${count(lines, "line", "lines")}`,
  pastedAttach: "Attach as file",
  pastedKeep: "Keep as text",
  pastedName: (place: number) => (place === 1 ? "Pasted text.txt" : `Pasted text ${place}.txt`),
  pastedBack: (name: string) => `Put ${name} back as text`,
  dropText: "Drop to add the text",
  lost: (names: string[]) =>
    names.length === 1
      ? `“${names[0]}” no longer waits here`
      : `${count(names.length, "file", "files")} no longer wait here: ${names.join(", ")}`,
  lostText: (files: number): string =>
    files === 1
      ? "Files wait only as long as the window is open. Attach it again to send it."
      : "Files wait only as long as the window is open. Attach them again to send them.",
};
