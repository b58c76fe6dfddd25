import { plural } from "@/lib/words/plural";

/** `1 archivo`, `12.040 archivos`, `1.000.000 de archivos`. */
export const count = (value: number, one: string, many: string) =>
  plural("es", value, { one: `# ${one}`, many: `# de ${many}`, other: `# ${many}` });

/** What is the same beside every number: `3 más`. */
export const countPlain = (value: number, after: string) => plural("es", value, { other: `# ${after}` });
