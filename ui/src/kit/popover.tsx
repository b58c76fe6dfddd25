import { Popover as Primitive } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { classNames } from "./class-names";
import styles from "./popover.module.css";

type PopoverProps = {
  trigger: ReactElement;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  label: string;
  align?: "start" | "end";
  /** As wide as a menu. */
  narrow?: boolean;
  testId?: string;
  children: ReactNode;
};

/** A small panel at its trigger. Not modal for the reason that menus are not; Esc and a click elsewhere close it, and the focus goes back. */
export function Popover({ trigger, open, onOpenChange, label, align = "start", narrow, testId, children }: PopoverProps) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          className={classNames(styles.popover, narrow && styles.narrow)}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          aria-label={label}
          data-testid={testId}
        >
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
