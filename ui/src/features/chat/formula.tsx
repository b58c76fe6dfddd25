import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { classNames } from "@/kit/class-names";
import { words } from "@/lib/words";
import styles from "./markdown.module.css";

type Render = typeof import("./katex").renderFormula;

// Fetched, from the same package on disk, when the first formula is shown.
let render: Render | null = null;
const load = () => import("./katex").then((loaded) => (render = loaded.renderFormula));

type FormulaProps = {
  tex: string;
  display: boolean;
  /** Among words. */
  inline?: boolean;
  /** Its end has not come yet. */
  writing?: boolean;
  closed?: boolean;
};

export const Formula = memo(function Formula({ tex, display, inline = false, writing = false, closed = true }: FormulaProps) {
  const place = useRef<HTMLSpanElement>(null);
  const [ready, setReady] = useState(render !== null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    // Where it cannot be fetched, the source stays.
    if (!ready)
      load().then(
        () => setReady(true),
        () => {},
      );
  }, [ready]);
  // Another element stands there once its end has come, or once it can be read.
  // biome-ignore lint/correctness/useExhaustiveDependencies: they decide which element is its place
  useLayoutEffect(() => {
    if (!render || !ready || !place.current) return;
    setFailed(!render(tex, display, place.current));
  }, [tex, display, ready, writing, closed, failed]);
  const Box = inline ? "span" : "div";
  // What only looked like the beginning of a formula is shown as it was written.
  if (!closed && !writing) return <p className={styles.source}>{tex}</p>;
  if (writing || !ready || failed)
    return (
      <Box className={classNames(styles.formula, display && styles.display)} dir="ltr">
        <code className={styles.source} title={failed ? words.markdown.formulaFailed : undefined} data-writing={writing || undefined}>
          {tex}
        </code>
        {!writing && <span ref={place} hidden />}
      </Box>
    );
  return (
    <Box className={classNames(styles.formula, display && styles.display)} dir="ltr" data-testid="formula">
      <span ref={place} />
    </Box>
  );
});
