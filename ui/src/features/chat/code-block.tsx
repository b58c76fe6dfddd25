import { Check, Copy, WrapText } from "lucide-react";
import { memo, type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { Colours } from "@/lib/code/colours";
import { piecesOf } from "@/lib/code/piece";
import { words } from "@/lib/words";
import { useCopy } from "./copy";
import styles from "./markdown.module.css";

const Lines = memo(function Lines({ text }: { text: string }) {
  return <span className={styles.lines}>{text}</span>;
});

type CodeBlockProps = { language: string; text: string; growing?: boolean; actions?: ReactNode };

export const CodeBlock = memo(function CodeBlock({ language, text, growing = false, actions }: CodeBlockProps) {
  const [wrap, setWrap] = useState(false);
  const [copied, copy] = useCopy();
  const code = useRef<HTMLElement>(null);
  const pieces = piecesOf(text);
  const colours = useRef<Colours>(null);
  useEffect(() => {
    if (!code.current) return;
    colours.current = new Colours(code.current, language);
    return () => colours.current?.stop();
  }, [language]);
  useEffect(() => colours.current?.show(text, growing));
  return (
    <figure className={styles.code} data-testid="code-block">
      <figcaption>
        <span dir="ltr">{language || words.markdown.code}</span>
        {actions}
        <Button look="quiet" small icon={WrapText} aria-pressed={wrap} aria-label={words.markdown.wrapLines} onClick={() => setWrap(!wrap)}>
          {words.markdown.wrap}
        </Button>
        <Button look="quiet" small icon={copied ? Check : Copy} onClick={() => copy(text)}>
          {copied ? words.form.copied : words.form.copy}
        </Button>
      </figcaption>
      {/* biome-ignore lint/a11y/useSemanticElements: a set of fields it is not; this is only a scrolling box with a name */}
      <pre
        className={classNames("selectable", wrap && styles.wrap)}
        dir="ltr"
        role="group"
        aria-label={language ? words.markdown.codeIn(language) : words.markdown.codePlain}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a block that scrolls sideways must be reachable by keyboard
        tabIndex={0}
      >
        <code ref={code}>
          {pieces.map((piece) => (
            <Lines key={piece.from} text={piece.text} />
          ))}
        </code>
      </pre>
    </figure>
  );
});
