import { useLayoutEffect, useMemo, useRef } from "react";

/** The same functions under an identity that does not change, so that what they are handed to is not drawn again for them. */
// biome-ignore lint/suspicious/noExplicitAny: functions of any shape go through unchanged
export function useStable<T extends Record<string, (...args: any[]) => unknown>>(doings: T): T {
  const latest = useRef(doings);
  useLayoutEffect(() => {
    latest.current = doings;
  });
  return useMemo(
    () =>
      Object.fromEntries(
        Object.keys(latest.current).map((name) => [name, (...args: unknown[]) => latest.current[name]?.(...args)]),
      ) as unknown as T,
    [],
  );
}
