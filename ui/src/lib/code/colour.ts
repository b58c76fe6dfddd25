type Answer = { id: number; tokens: Uint32Array | null };

/** More than this is data rather than a piece to read. Without a worker it would also be felt. */
const most = { worker: 200_000, here: 8_000 };
const kept = 60;

const cache = new Map<string, Uint32Array | null>();
const waiting = new Map<number, (tokens: Uint32Array | null) => void>();
let worker: Worker | null | undefined;
let next = 0;

/** The worker; null where there is none, or where it broke. */
function theWorker(): Worker | null {
  if (worker !== undefined) return worker;
  try {
    worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      waiting.get(data.id)?.(data.tokens);
      waiting.delete(data.id);
    };
    worker.onerror = () => {
      worker?.terminate();
      worker = null;
      for (const give of waiting.values()) give(null);
      waiting.clear();
    };
  } catch {
    worker = null;
  }
  return worker;
}

/**
 * The tokens of a piece of code (see `tokensOf`), worked out beside the page, so that nobody's typing waits for it. Where workers fail, short
 * pieces are coloured here, each in a turn of its own, and long ones stay plain. Never rejects: code without colours is still code.
 */
export async function colour(text: string, language: string): Promise<Uint32Array | null> {
  const key = `${language}\n${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const tokens = await tokensFrom(text, language);
  cache.set(key, tokens);
  for (const oldest of cache.keys()) {
    if (cache.size <= kept) break;
    cache.delete(oldest);
  }
  return tokens;
}

async function tokensFrom(text: string, language: string): Promise<Uint32Array | null> {
  if (language === "" || text.length > most.worker) return null;
  const beside = theWorker();
  if (beside) {
    const id = next;
    next += 1;
    const tokens = await new Promise<Uint32Array | null>((give) => {
      waiting.set(id, give);
      beside.postMessage({ id, text, language });
    });
    if (worker) return tokens;
  }
  if (text.length > most.here) return null;
  await new Promise((turn) => setTimeout(turn));
  try {
    const { tokensOf } = await import("./tokens");
    return tokensOf(text, language);
  } catch {
    return null;
  }
}
