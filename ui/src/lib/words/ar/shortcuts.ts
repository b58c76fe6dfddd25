import type { Action, Area } from "@/lib/shortcut";
import { apart } from "./count";

const actions: Record<Action, string> = {
  palette: "لوحة الأوامر",
  find: "البحث في كل الرسائل",
  new_chat: "محادثة جديدة",
  temporary_chat: "محادثة مؤقتة، أو الخروج منها",
  chat: "الانتقال إلى المحادثة",
  persona: "الانتقال إلى الشخصية",
  settings: "الانتقال إلى الإعدادات",
  audience: "تغيير من يتحدث",
  theme: "التبديل بين الفاتح والداكن",
  shortcuts: "إظهار اختصارات لوحة المفاتيح",
  write: "كتابة رسالة",
  stop: "إيقاف الإجابة",
  choose_model: "اختيار نموذج",
  why: "لماذا هذه الإجابة؟",
  find_here: "البحث في هذه المحادثة",
  find_next: "النتيجة التالية",
  find_previous: "النتيجة السابقة",
  rename_chat: "إعادة تسمية المحادثة",
  pin_chat: "تثبيت المحادثة أو إلغاء تثبيتها",
  archive_chat: "أرشفة المحادثة أو إرجاعها",
  tag_chat: "وسوم المحادثة",
  select_chat: "تحديد المحادثة",
  select_all_chats: "تحديد كل المحادثات",
  delete_chat: "حذف المحادثة",
  save_file: "حفظ الملف",
};

const areas: Record<Area, string> = {
  window: "في كل مكان",
  chat: "في المحادثة",
  list: "في قائمة المحادثات",
  persona: "في محرر الشخصية",
};

/** As keyboards have them printed. Keys that are not here are called what they print. */
const keys = {
  Mod: "Ctrl",
  Ctrl: "Ctrl",
  Super: "Super",
  Alt: "Alt",
  Shift: "Shift",
  Esc: "Esc",
  Enter: "Enter",
  Space: "Space",
  Tab: "Tab",
  Delete: "Del",
  Backspace: "Backspace",
  Insert: "Ins",
  Home: "Home",
  End: "End",
  PageUp: "Page Up",
  PageDown: "Page Down",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Plus: "+",
};

export const shortcuts = {
  title: "اختصارات لوحة المفاتيح",
  text: "اضغط مفاتيح اختصار لتغييره. يسري ما تغيّره على هذا الحاسوب.",
  search: "ابحث في الاختصارات",
  none: "لا اختصار بهذا الاسم أو بهذه المفاتيح.",
  actions,
  areas,
  keys,
  /** A thing with its keys, in a tip. */
  hint: (what: string, shown: string) => (shown ? `${what} (${apart(shown)})` : what),
  noKeys: "لا شيء",
  change: (action: string, shown: string) => (shown ? `${action}: ${apart(shown)}. تغيير المفاتيح` : `${action}: لا شيء. اختيار مفاتيح`),
  recording: "اضغط المفاتيح…",
  recordingHint: "Esc للإلغاء، وBackspace لإزالة المفاتيح.",
  reset: (action: string, shown: string) =>
    shown ? `العودة إلى ${apart(shown)} لـ«${action}»` : `العودة إلى عدم وجود مفاتيح لـ«${action}»`,
  resetAll: "إعادة ضبط الكل",
  resetDone: "عادت كل الاختصارات إلى ما كانت عليه في البداية",
  trouble: {
    plain: (shown: string) => `المفتاح ${apart(shown)} وحده يكتب في النص أو يتنقل فيه. اضغط معه Ctrl أو Alt، أو اختر أحد مفاتيح F.`,
    taken: (shown: string) => `المفاتيح ${apart(shown)} تخص حقول النص أو سطح المكتب. اختر غيرها.`,
  },
  conflict: (shown: string, other: string) => `المفاتيح ${apart(shown)} مستخدمة أيضًا لـ«${other}».`,
  replace: "استبدال",
  replaced: (other: string) => `لم تعد لـ«${other}» مفاتيح`,
  customize: "تغيير الاختصارات",
  always: "دائمًا",
  fixed: {
    send: "إرسال الرسالة",
    newLine: "سطر جديد",
    close: "إغلاق ما هو مفتوح",
    move: "التنقل في القائمة",
    open: "فتح ما تم اختياره",
  },
};
