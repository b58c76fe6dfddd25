/** What to say for each kind of number that a language tells apart; `#` stands for the number. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

const rules = new Map<string, { plural: Intl.PluralRules; number: Intl.NumberFormat }>();

/** `plural("ar", 2, { two: "ملفان", few: "# ملفات", other: "# ملف" })`: numbers as that language counts and writes them. */
export function plural(locale: string, value: number, forms: Forms): string {
  let known = rules.get(locale);
  if (!known) {
    known = { plural: new Intl.PluralRules(locale), number: new Intl.NumberFormat(locale) };
    rules.set(locale, known);
  }
  return (forms[known.plural.select(value)] ?? forms.other).replace("#", known.number.format(value));
}
