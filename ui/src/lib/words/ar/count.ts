import { type Forms, plural } from "@/lib/words/plural";

/** Western digits, whatever a web view holds to be usual in Arabic: the same everywhere in the window. */
const locale = "ar-u-nu-latn";

/** What is counted, by number: none, one and two leave the digit out, more carry it as `#`. */
export type Noun = Forms & { two: string };

/** `ملف واحد`, `ملفان`, `3 ملفات`, `11 ملفًا`, `100 ملف`. */
export const count = (value: number, noun: Noun) => plural(locale, value, noun);

/** The same after a preposition or another noun, where the dual ends differently: `ملفين`. */
export const countOf = (value: number, noun: Noun) => count(value, { ...noun, two: noun.two.replace(/ان(?=\s|$)/g, "ين") });

/** `1,204` */
export const digits = (value: number) => plural(locale, value, { other: "#" });

/** A name, id or title in its own direction, so that it does not turn what stands around it. */
export const apart = (text: string) => `\u2068${text}\u2069`;

const noun = (zero: string, one: string, two: string, few: string, many: string, other: string): Noun => ({
  zero,
  one,
  two,
  few: `# ${few}`,
  many: `# ${many}`,
  other: `# ${other}`,
});

export const nouns = {
  file: noun("لا ملفات", "ملف واحد", "ملفان", "ملفات", "ملفًا", "ملف"),
  message: noun("لا رسائل", "رسالة واحدة", "رسالتان", "رسائل", "رسالة", "رسالة"),
  newMessage: noun("لا رسائل جديدة", "رسالة جديدة واحدة", "رسالتان جديدتان", "رسائل جديدة", "رسالة جديدة", "رسالة جديدة"),
  chat: noun("لا محادثات", "محادثة واحدة", "محادثتان", "محادثات", "محادثة", "محادثة"),
  answer: noun("لا إجابات", "إجابة واحدة", "إجابتان", "إجابات", "إجابة", "إجابة"),
  token: noun("0 رمز", "رمز واحد", "رمزان", "رموز", "رمزًا", "رمز"),
  model: noun("لا نماذج", "نموذج واحد", "نموذجان", "نماذج", "نموذجًا", "نموذج"),
  otherModel: noun("لا نماذج أخرى", "نموذج آخر", "نموذجان آخران", "نماذج أخرى", "نموذجًا آخر", "نموذج آخر"),
  server: noun("لا خوادم", "خادم واحد", "خادمان", "خوادم", "خادمًا", "خادم"),
  choice: noun("لا خيارات", "خيار واحد", "خياران", "خيارات", "خيارًا", "خيار"),
  otherChoice: noun("لا خيارات أخرى", "خيار آخر", "خياران آخران", "خيارات أخرى", "خيارًا آخر", "خيار آخر"),
  result: noun("لا نتائج", "نتيجة واحدة", "نتيجتان", "نتائج", "نتيجة", "نتيجة"),
  problem: noun("لا مشكلات", "مشكلة واحدة", "مشكلتان", "مشكلات", "مشكلة", "مشكلة"),
  fact: noun("لا حقائق", "حقيقة واحدة", "حقيقتان", "حقائق", "حقيقة", "حقيقة"),
  word: noun("0 كلمة", "كلمة واحدة", "كلمتان", "كلمات", "كلمة", "كلمة"),
  character: noun("0 حرف", "حرف واحد", "حرفان", "أحرف", "حرفًا", "حرف"),
  line: noun("0 سطر", "سطر واحد", "سطران", "أسطر", "سطرًا", "سطر"),
  row: noun("لا صفوف", "صف واحد", "صفان", "صفوف", "صفًا", "صف"),
  item: noun("لا عناصر", "عنصر واحد", "عنصران", "عناصر", "عنصرًا", "عنصر"),
  region: noun("لا مناطق", "منطقة واحدة", "منطقتان", "مناطق", "منطقة", "منطقة"),
  otherRegion: noun("لا مناطق أخرى", "منطقة أخرى", "منطقتان أخريان", "مناطق أخرى", "منطقة أخرى", "منطقة أخرى"),
  time: noun("0 مرة", "مرة واحدة", "مرتان", "مرات", "مرة", "مرة"),
  second: noun("0 ثانية", "ثانية واحدة", "ثانيتان", "ثوانٍ", "ثانية", "ثانية"),
  minute: noun("0 دقيقة", "دقيقة واحدة", "دقيقتان", "دقائق", "دقيقة", "دقيقة"),
  hour: noun("0 ساعة", "ساعة واحدة", "ساعتان", "ساعات", "ساعة", "ساعة"),
  memory: noun("لا ذكريات", "ذكرى واحدة", "ذكريان", "ذكريات", "ذكرى", "ذكرى"),
  summary: noun("لا ملخّصات", "ملخّص واحد", "ملخّصان", "ملخّصات", "ملخّصًا", "ملخّص"),
  person: noun("لا أشخاص", "شخص واحد", "شخصان", "أشخاص", "شخصًا", "شخص"),
  report: noun("لا تقارير", "تقرير واحد", "تقريران", "تقارير", "تقريرًا", "تقرير"),
  entry: noun("لا مدخلات", "مدخل واحد", "مدخلان", "مدخلات", "مدخلًا", "مدخل"),
  attachedFile: noun("لا ملفات مرفقة", "ملف مرفق واحد", "ملفان مرفقان", "ملفات مرفقة", "ملفًا مرفقًا", "ملف مرفق"),
  backup: noun("لا نسخ احتياطية", "نسخة احتياطية واحدة", "نسختان احتياطيتان", "نسخ احتياطية", "نسخة احتياطية", "نسخة احتياطية"),
  exchange: noun("لا تبادلات", "تبادل واحد", "تبادلان", "تبادلات", "تبادلًا", "تبادل"),
  day: noun("0 يوم", "يوم واحد", "يومان", "أيام", "يومًا", "يوم"),
};
