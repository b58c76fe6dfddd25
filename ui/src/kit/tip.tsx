import { Tooltip } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import styles from "./tip.module.css";

export function TipProvider({ children }: { children: ReactNode }) {
  return (
    <Tooltip.Provider delayDuration={500} skipDelayDuration={200} disableHoverableContent>
      {children}
    </Tooltip.Provider>
  );
}

/** A short explanation on hover and keyboard focus. Never the only place where something is said. */
export function Tip({ text, children }: { text: string; children: ReactElement }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger
        asChild
        onFocus={(event) => {
          // The focus comes back by itself when what the button had opened closes: the tip would lie over what one goes on with.
          if (!event.currentTarget.matches(":focus-visible")) event.preventDefault();
        }}
      >
        {children}
      </Tooltip.Trigger>
      <Tooltip.Portal>
        {/* It describes its button, where it is read; the picture of it, outside of every landmark, need not be read again. */}
        <Tooltip.Content className={styles.tip} sideOffset={6} collisionPadding={8} aria-hidden>
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
