import { Check, Copy, WrapText } from "lucide-react";
import { useState } from "react";
import { Button } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { words } from "@/lib/words";
import { useCopy } from "./copy";
import { highlight } from "./highlight";
import styles from "./markdown.module.css";

export function CodeBlock({ language, text }: { language: string; text: string }) {
  const [wrap, setWrap] = useState(false);
  const [copied, copy] = useCopy();
  const name = language || words.markdown.code;
  return (
    <figure className={styles.code} data-testid="code-block">
      <figcaption>
        <span>{name}</span>
        <Button look="quiet" small icon={WrapText} aria-pressed={wrap} aria-label={words.markdown.wrapLines} onClick={() => setWrap(!wrap)}>
          {words.markdown.wrap}
        </Button>
        <Button look="quiet" small icon={copied ? Check : Copy} onClick={() => copy(text)}>
          {copied ? words.form.copied : words.form.copy}
        </Button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a block that scrolls sideways must be reachable by keyboard */}
      <pre className={classNames("selectable", wrap && styles.wrap)} tabIndex={0}>
        <code>
          {highlight(text, language).map(({ text: part, kind }, at) =>
            kind ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: the text only ever grows at its end, so the place is the identity
              <span key={at} data-token={kind}>
                {part}
              </span>
            ) : (
              part
            ),
          )}
        </code>
      </pre>
    </figure>
  );
}
