import { plural } from "@/lib/words/plural";

/** `1 Datei`, `1.204 Dateien`. */
export const count = (value: number, one: string, many: string) => plural("de", value, { one: `# ${one}`, other: `# ${many}` });
