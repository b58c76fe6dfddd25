import { lazy, Suspense } from "react";
import type { Mark } from "@/lib/markdown/marks";
import styles from "./markdown.module.css";

// Half of the program's script is the Markdown reader. The composer does not wait for it: it is fetched (from the same package on disk) once
// the window is usable, and until then an answer is shown as the text that it is.
const load = () => import("./markdown");
const Markdown = lazy(load);

let warmed = false;
/** Fetches the reader and has it read once, so that the first answer does not wait for its script to be compiled. */
export function warmMarkdown(): void {
  if (warmed) return;
  warmed = true;
  void load().then(({ warm }) => warm());
}

export function Voice({ source, growing, marks }: { source: string; growing?: boolean; marks?: readonly Mark[] }) {
  return (
    <Suspense
      fallback={
        <div className={styles.markdown} dir="auto">
          {source}
        </div>
      }
    >
      <Markdown source={source} growing={growing} marks={marks} />
    </Suspense>
  );
}
