/** `1 file`, `1,204 files`. */
export const count = (value: number, one: string, many: string) => `${value.toLocaleString("en-GB")} ${value === 1 ? one : many}`;
