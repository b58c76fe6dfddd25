import { useEffect, useState } from "react";

/** The value as of the last frame: what changes several times in one is followed once. */
export function useFrame<T>(value: T): T {
  const [shown, setShown] = useState(value);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setShown(value));
    return () => cancelAnimationFrame(frame);
  }, [value]);
  return shown;
}
