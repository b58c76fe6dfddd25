/** What a stretch of code is, as far as colours go. */
export const kinds = ["comment", "keyword", "string", "number", "title", "type", "attribute", "meta", "added", "removed"] as const;

export type Kind = (typeof kinds)[number];
