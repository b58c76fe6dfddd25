import { apart, count, digits, nouns } from "./count";

/** The conversation itself: its messages and what can be done with them. */
export const thread = {
  label: "المحادثة",
  latest: "الانتقال إلى الأحدث",
  latestBelow: (below: number) => `الانتقال إلى الأحدث: ${count(below, nouns.message)} في الأسفل`,
  latestNew: (fresh: number) => `الانتقال إلى الأحدث: ${count(fresh, nouns.newMessage)}`,
  fresh: (fresh: number) => `${digits(fresh)} جديدة`,
  below: (below: number) => `${digits(below)} في الأسفل`,
  more: "المزيد",
  edit: "تعديل",
  fork: "تفريع إلى محادثة جديدة",
  forked: (title: string) => `فُرّعت إلى محادثة جديدة، «${apart(title)}»`,
  remove: "حذف هذا الفرع…",
  selectText: "تحديد النص",
  copy: "نسخ",
  editor: {
    label: "تعديل الرسالة",
    send: "حفظ وإرسال",
    sendHint: "تبقى إجابات النسخة القديمة إلى جانب الجديدة.",
    cancel: "إلغاء",
    files: "ملفات تُرسل معها",
    removeFile: (name: string) => `إزالة ${apart(name)}`,
    discarded: "لم تُرسل الرسالة المعدَّلة",
    resume: "متابعة التعديل",
  },
  deletion: {
    title: "حذف هذا الفرع؟",
    text: (follow: number) =>
      follow === 0 ? "تُزال هذه الرسالة من المحادثة." : "تُزال من المحادثة هذه الرسالة وكل ما يليها، بما في ذلك النسخ الأخرى.",
    keep: "إبقاء",
    remove: "حذف",
    done: "حُذف الفرع",
    undo: "تراجع",
  },
  forkedFrom: "هذه المحادثة متفرعة من أخرى.",
  forkedShow: "إظهار موضع التفرع",
  forkedLost: "تعذّر العثور على المحادثة التي تفرعت منها هذه",
};
