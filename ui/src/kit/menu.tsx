import type { LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactElement } from "react";
import { classNames } from "./class-names";
import { Floating } from "./floating";
import styles from "./menu.module.css";

export type MenuItem = { label: string; icon: LucideIcon; keys?: string; danger?: boolean; onSelect: () => void };

type MenuProps = { trigger: ReactElement; items: MenuItem[]; open?: boolean; onOpenChange?: (open: boolean) => void };

/** Not modal on purpose: the modal variant locks scrolling with an injected <style>, which our content policy refuses. */
export function Menu({ trigger, items, open, onOpenChange }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false} open={open} onOpenChange={onOpenChange}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <Floating>
          <DropdownMenu.Content
            className={styles.menu}
            align="start"
            sideOffset={4}
            collisionPadding={8}
            onCloseAutoFocus={(event) => {
              // A dialog that an entry has opened has the focus: it is not taken back to the button.
              if (document.querySelector("[data-modal]")) event.preventDefault();
            }}
          >
            {items.map(({ label, icon: Icon, keys, danger, onSelect }) => (
              <DropdownMenu.Item key={label} className={classNames(styles.item, danger && styles.danger)} onSelect={onSelect}>
                <Icon size={15} strokeWidth={1.8} aria-hidden />
                {label}
                {keys && <kbd dir="ltr">{keys}</kbd>}
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Content>
        </Floating>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
