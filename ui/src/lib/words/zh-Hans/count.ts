import { plural } from "@/lib/words/plural";

/** `1 个文件`, `1,204 个文件`. */
export const count = (value: number, what: string) => plural("zh-Hans", value, { other: `# ${what}` });
