import { Check, Code2, Copy, Maximize2, Workflow } from "lucide-react";
import { memo, useEffect, useState, useSyncExternalStore } from "react";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { words } from "@/lib/words";
import { CodeBlock } from "./code-block";
import { useCopy } from "./copy";
import styles from "./diagram.module.css";
import type { Drawing } from "./mermaid";

// Fetched, from the same package on disk, when the first diagram is shown.
const load = () => import("./mermaid");

const themeChanged = (tell: () => void) => {
  const root = new MutationObserver(tell);
  root.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => root.disconnect();
};
const theme = () => document.documentElement.dataset.theme ?? "light";

/** A diagram as a picture: nothing in it can run, link or load. Its source can always be shown and copied. */
export const Diagram = memo(function Diagram({ source }: { source: string }) {
  const shown = useSyncExternalStore(themeChanged, theme);
  const [drawing, setDrawing] = useState<Drawing | "failed" | null>(null);
  const [asCode, setAsCode] = useState(false);
  const [large, setLarge] = useState(false);
  const [copied, copy] = useCopy();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a diagram is drawn in the colours of the theme
  useEffect(() => {
    let gone = false;
    load()
      .then(({ draw }) => draw(source, () => !gone))
      .catch((error) => {
        // Its name alone: what it says quotes the source.
        // biome-ignore lint/suspicious/noConsole: the one place where a fault of the drawing itself can be told from one of the source
        if (!gone) console.warn("a diagram could not be drawn:", error instanceof Error ? error.name : typeof error);
        return "failed" as const;
      })
      .then((done) => !gone && setDrawing(done));
    return () => {
      gone = true;
    };
  }, [source, shown]);

  if (drawing === "failed")
    return (
      <div>
        <CodeBlock language="mermaid" text={source} />
        <p className={styles.note}>{words.markdown.diagramFailed}</p>
      </div>
    );
  const toggle = (
    <Button look="quiet" small icon={asCode ? Workflow : Code2} onClick={() => setAsCode(!asCode)}>
      {asCode ? words.markdown.showDiagram : words.markdown.showCode}
    </Button>
  );
  if (asCode) return <CodeBlock language="mermaid" text={source} actions={toggle} />;
  return (
    <figure className={styles.diagram} data-testid="diagram">
      <figcaption>
        <span>{words.markdown.diagram}</span>
        {toggle}
        <Button look="quiet" small icon={copied ? Check : Copy} onClick={() => copy(source)}>
          {copied ? words.form.copied : words.form.copy}
        </Button>
        <Button look="quiet" small icon={Maximize2} disabled={drawing === null} onClick={() => setLarge(true)}>
          {words.markdown.enlarge}
        </Button>
      </figcaption>
      {drawing ? <Picture drawing={drawing} /> : <p className={styles.note}>{words.markdown.diagramDrawing}</p>}
      {large && drawing && (
        <Dialog open wide onClose={() => setLarge(false)} title={words.markdown.diagram} testId="diagram-large">
          <Picture drawing={drawing} large />
        </Dialog>
      )}
    </figure>
  );
});

function Picture({ drawing, large = false }: { drawing: Drawing; large?: boolean }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a section would be a landmark; this is only a scrolling box with a name
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a picture that is larger than its box must be reachable by keyboard
    <div className={large ? styles.large : styles.picture} role="group" aria-label={words.markdown.diagram} tabIndex={0}>
      <img src={drawing.url} width={drawing.width} height={drawing.height} alt={words.markdown.diagramOf(drawing.kind)} draggable={false} />
    </div>
  );
}
