import { type Ref, useImperativeHandle, useMemo, useRef } from "react";
import { classNames } from "@/kit/class-names";
import styles from "./editor.module.css";

export type TextFieldHandle = { goTo: (line: number, column: number | null) => void };

type TextFieldProps = {
  ref: Ref<TextFieldHandle>;
  text: string;
  /** Code keeps its lines and shows their numbers; prose is set in the book face and wraps. */
  code: boolean;
  label: string;
  problemLine: number | null;
  onText: (text: string) => void;
};

export function TextField({ ref, text, code, label, problemLine, onText }: TextFieldProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => text.split("\n").length, [text]);

  useImperativeHandle(ref, () => ({
    goTo(line, column) {
      const element = field.current;
      if (!element) return;
      const before = element.value.split("\n").slice(0, line - 1);
      const start = before.reduce((sum, one) => sum + one.length + 1, 0);
      const length = element.value.slice(start).split("\n")[0]?.length ?? 0;
      element.focus();
      if (column === null) element.setSelectionRange(start, start + length);
      else element.setSelectionRange(start + Math.min(column - 1, length), start + Math.min(column - 1, length));
      // Wrapped prose has no fixed line height to count with; its share of the text is near enough.
      const share = element.value.length ? start / element.value.length : 0;
      const top = code ? (line - 1) * Number.parseFloat(getComputedStyle(element).lineHeight) : share * element.scrollHeight;
      element.scrollTop = Math.max(0, top - element.clientHeight / 2);
    },
  }));

  return (
    <div className={classNames(styles.field, code && styles.code)} dir={code ? "ltr" : undefined}>
      {code && (
        <div className={styles.gutter} ref={gutter} aria-hidden>
          {Array.from({ length: lines }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line number is its place
            <span key={at} data-problem={problemLine === at + 1 || undefined}>
              {at + 1}
            </span>
          ))}
        </div>
      )}
      <textarea
        ref={field}
        value={text}
        dir={code ? "ltr" : "auto"}
        aria-label={label}
        aria-invalid={problemLine !== null || undefined}
        spellCheck={!code}
        wrap={code ? "off" : "soft"}
        data-testid="editor-text"
        onChange={(event) => onText(event.target.value)}
        onScroll={(event) => {
          if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
