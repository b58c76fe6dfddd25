import type { SendKey, Theme } from "@/bindings";
import { apart } from "./count";

const themes: Record<Theme, string> = { system: "النظام", light: "فاتح", dark: "داكن" };
const sendKeys: Record<SendKey, string> = { enter: "Enter", ctrl_enter: "Ctrl Enter" };

export const general = {
  appearance: "المظهر",
  theme: "السمة",
  themes,
  textSize: "حجم النص",
  textSizeText: "يكبر معه كل شيء، لا المحادثة وحدها.",
  smaller: "نص أصغر",
  larger: "نص أكبر",
  percent: (value: string) => apart(`${value}%`),
  standard: `العودة إلى ${apart("100%")}`,
  language: "اللغة",
  languageText: "لغة النافذة. أما توأمك فيجيب باللغة التي يُسأل بها.",
  languageWaits: "تتغير اللغة عند إعادة تحميل النافذة. وما لم يُحفظ هنا سيضيع.",
  languageNow: "إعادة التحميل…",
  languageSystemIs: (name: string) => `لغة سطح المكتب (${apart(name)})`,
  writing: "الكتابة",
  send: "الإرسال بالمفتاح",
  sendText: { enter: "Shift Enter يبدأ سطرًا جديدًا.", ctrl_enter: "Enter يبدأ سطرًا جديدًا." },
  sendKeys,
  titles: "ترك تسمية المحادثات الجديدة للنموذج",
  titlesText:
    "بعد الإجابة الأولى يُطلب عنوان من النموذج الذي أجاب. والتكلفة اليسيرة لذلك لا تُحسب في «الاستخدام والتكلفة». وإلا فالكلمات الأولى هي العنوان.",
  about: "حول البرنامج",
  version: "الإصدار",
  home: "مجلد البيانات",
};
