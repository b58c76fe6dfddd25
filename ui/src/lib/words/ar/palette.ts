import { apart, count, nouns } from "./count";

export const palette = {
  title: "لوحة الأوامر",
  placeholder: "ماذا تريد أن تفعل أو تجد؟",
  list: "الأوامر والمحادثات والنماذج والإعدادات",
  recent: "الأخيرة",
  groups: { actions: "الإجراءات", chats: "المحادثات", models: "نماذج لهذه المحادثة", settings: "الإعدادات" },
  messages: "الرسائل",
  findMessages: (text: string) => `البحث في الرسائل عن «${apart(text)}»`,
  archived: "مؤرشفة",
  toSection: (section: string) => `الإعدادات: ${section}`,
  asVisitor: "التحدث كزائر",
  asOwner: "التحدث بصفتك أنت",
  toDark: "استخدام السمة الداكنة",
  toLight: "استخدام السمة الفاتحة",
  fits: (value: number) => count(value, nouns.result),
  move: "تنقّل",
  run: "فتح",
  close: "إغلاق",
};
