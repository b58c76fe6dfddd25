import { apart, count, nouns } from "./count";

/** Where one writes. */
export const composer = {
  placeholder: (name: string) => `اكتب إلى ${name}…`,
  label: (name: string) => `رسالة إلى ${name}`,
  send: "إرسال",
  sendHint: (keys: string) => `إرسال (${apart(keys)})`,
  stop: "إيقاف",
  enter: "Enter",
  ctrlEnter: "Ctrl Enter",
  commandEnter: "⌘ Enter",
  answering: (name: string, keys: string) =>
    keys ? `توأم ${apart(name)} يجيب. للإيقاف اضغط ${apart(keys)}.` : `توأم ${apart(name)} يجيب.`,
  filesWait: "انتظر حتى تُقرأ الملفات.",
  conversationWait: "تجري قراءة المحادثة.",
  characters: (value: number) => count(value, nouns.character),
  notSent: "لم تُرسل رسالتك",
  earlier: (place: number) => (place === 1 ? "رسالتك الأخيرة. اضغط Esc لتركها." : "رسالة سابقة لك. اضغط Esc لتركها."),
  pasted: (size: string, lines: number) => `نص ملصق، ${size}، ${count(lines, nouns.line)}`,
  pastedAttach: "إرفاق كملف",
  pastedKeep: "إبقاء كنص",
  pastedName: (place: number) => (place === 1 ? "نص ملصق.txt" : `نص ملصق ${place}.txt`),
  pastedBack: (name: string) => `إعادة ${apart(name)} نصًا`,
  dropText: "أفلت لإضافة النص",
  lost: (names: string[]) =>
    names.length === 1
      ? `لم يعد «${apart(names[0] ?? "")}» في الانتظار هنا`
      : `لم يعد في الانتظار هنا ${count(names.length, nouns.file)}: ${names.map(apart).join("، ")}`,
  lostText: (files: number) =>
    `تنتظر الملفات ما دامت النافذة مفتوحة. أرفق ${files === 1 ? "الملف" : files === 2 ? "الملفين" : "الملفات"} من جديد للإرسال.`,
};
