import { Search } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { classNames } from "./class-names";
import styles from "./search-field.module.css";

interface Props extends ComponentProps<"input"> {
  label: string;
  large?: boolean;
  /** With a frame of its own; without one the panel around it shows the focus. */
  framed?: boolean;
  /** Of the box around the field. */
  className?: string | undefined;
  /** After the field. */
  children?: ReactNode;
}

/** A field in which one searches: nothing is corrected, completed or made large. */
export function SearchField({ label, large = false, framed = false, className, children, ...input }: Props) {
  return (
    <div className={classNames(styles.box, large && styles.large, framed && styles.framed, className)}>
      <Search size={large ? 16 : 15} strokeWidth={1.8} aria-hidden />
      <input
        type="text"
        dir="auto"
        aria-label={label}
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        {...input}
      />
      {children}
    </div>
  );
}
