import { apart, count, nouns } from "./count";

export const palette = {
  title: "لوحة الأوامر",
  placeholder: "ماذا تريد أن تفعل أو تجد؟",
  list: "الأوامر والمحادثات والنماذج والإعدادات",
  recent: "الأخيرة",
  groups: { actions: "الإجراءات", chats: "المحادثات", models: "نماذج لهذه المحادثة", memory: "الذاكرة", settings: "الإعدادات" },
  messages: "الرسائل",
  findMessages: (text: string) => `البحث في الرسائل عن «${apart(text)}»`,
  findMemories: (text: string) => `البحث في الذاكرة عن «${apart(text)}»`,
  contradictions: "التناقضات",
  archived: "مؤرشفة",
  toSection: (section: string) => `الإعدادات: ${section}`,
  toMemory: (part: string) => `الذاكرة: ${part}`,
  asVisitor: "التحدث كزائر",
  asOwner: "التحدث بصفتك أنت",
  toDark: "استخدام السمة الداكنة",
  toLight: "استخدام السمة الفاتحة",
  fits: (value: number) => count(value, nouns.result),
  move: "تنقّل",
  run: "فتح",
  close: "إغلاق",
};
