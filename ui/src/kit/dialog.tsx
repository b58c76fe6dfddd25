import { Dialog as Primitive } from "radix-ui";
import { type ReactNode, useState } from "react";
import { showToastsIn } from "@/lib/toast";
import { classNames } from "./class-names";
import styles from "./dialog.module.css";

// The scrim is a plain element and not Radix's Overlay: Overlay brings react-remove-scroll, which writes a <style> element that our content
// policy refuses. The window itself never scrolls, so nothing is lost.
function Scrim() {
  return <div className={styles.scrim} data-scrim="" />;
}

type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
  testId?: string;
};

export function Dialog({ open, onClose, title, text, children, actions, wide, testId }: DialogProps) {
  return (
    <Primitive.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Primitive.Portal>
        <Scrim />
        <Primitive.Content
          className={classNames(styles.dialog, wide && styles.wide)}
          data-modal=""
          data-testid={testId}
          onInteractOutside={(event) => {
            // A toast lies over everything: to read or dismiss it is not to leave the dialog.
            if (event.target instanceof Element && event.target.closest("[data-toasts]")) event.preventDefault();
          }}
          {...(text ? {} : { "aria-describedby": undefined })}
        >
          <Primitive.Title className={styles.title}>{title}</Primitive.Title>
          {text && (
            <Primitive.Description asChild>
              <div className={styles.text}>{text}</div>
            </Primitive.Description>
          )}
          {children}
          {actions && <div className={styles.actions}>{actions}</div>}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

type SpotlightProps = {
  onClose: () => void;
  /** When it has gone and the focus would go back to where it was, unless that is prevented. */
  onClosed: (event: Event) => void;
  title: string;
  children: ReactNode;
  testId?: string;
};

/** What comes up over everything to be typed into, and goes again. The content shows no heading. */
export function Spotlight({ onClose, onClosed, title, children, testId }: SpotlightProps) {
  // Its field takes the focus before the dialog has looked where it was.
  const [before] = useState(() => document.activeElement);
  return (
    <Primitive.Root open onOpenChange={(next) => !next && onClose()}>
      <Primitive.Portal>
        <Scrim />
        <Primitive.Content
          className={styles.spotlight}
          data-modal=""
          data-testid={testId}
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            onClosed(event);
            if (event.defaultPrevented) return;
            event.preventDefault();
            if (before instanceof HTMLElement) before.focus();
          }}
        >
          <Primitive.Title className="visually-hidden">{title}</Primitive.Title>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

type DrawerProps = { open: boolean; onClose: () => void; side: "start" | "end"; title: string; children: ReactNode; testId?: string };

/** A panel over the page, for windows too narrow to show it beside. Keeps the focus inside; Esc closes. The content shows its own heading. */
export function Drawer({ open, onClose, side, title, children, testId }: DrawerProps) {
  return (
    <Primitive.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Primitive.Portal>
        <Scrim />
        <Primitive.Content
          ref={showToastsIn}
          className={classNames(styles.drawer, styles[side])}
          data-testid={testId}
          aria-describedby={undefined}
          onEscapeKeyDown={(event) => {
            // In a field Esc gives up what is being typed, in a list what is selected; the drawer hears of it first and must let it pass.
            const { target } = event;
            if (target instanceof HTMLInputElement || (target instanceof Element && target.closest("[data-own-escape]")))
              event.preventDefault();
          }}
          onOpenAutoFocus={(event) => {
            // The panel itself and not its first button: that would open the button's tip over what one came to read.
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
        >
          <Primitive.Title className="visually-hidden">{title}</Primitive.Title>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
