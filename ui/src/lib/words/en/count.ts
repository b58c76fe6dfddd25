import { plural } from "@/lib/words/plural";

/** `1 file`, `1,204 files`. */
export const count = (value: number, one: string, many: string) => plural("en-GB", value, { one: `# ${one}`, other: `# ${many}` });
