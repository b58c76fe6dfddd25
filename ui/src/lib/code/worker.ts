import { tokensOf } from "./tokens";

addEventListener("message", ({ data }: MessageEvent<{ id: number; text: string; language: string }>) => {
  const tokens = tokensOf(data.text, data.language);
  postMessage({ id: data.id, tokens });
});
