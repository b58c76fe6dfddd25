import { Check, ChevronDown, type LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useId } from "react";
import styles from "./choice-menu.module.css";
import { classNames } from "./class-names";
import { Floating } from "./floating";
import menu from "./menu.module.css";

export type ChoiceOption<T extends string> = { value: T; label: string; lang?: string };

type ChoiceMenuProps<T extends string> = {
  label: string;
  value: T;
  options: ChoiceOption<T>[];
  onChange: (value: T) => void;
  icon?: LucideIcon;
  /** Not what is usual: it is to be seen. */
  set?: boolean;
  testId?: string;
};

/** One of some, told by what is chosen; the others show when it is pressed. */
export function ChoiceMenu<T extends string>({ label, value, options, onChange, icon: Icon, set, testId }: ChoiceMenuProps<T>) {
  const id = useId();
  const chosen = options.find((option) => option.value === value);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <button
          type="button"
          className={classNames(styles.choice, set && styles.set)}
          aria-labelledby={`${id}-label ${id}-value`}
          data-testid={testId}
          data-value={value}
        >
          {Icon && <Icon size={14} strokeWidth={1.8} aria-hidden />}
          <span id={`${id}-label`} className="visually-hidden">
            {label}
          </span>
          <span id={`${id}-value`} className={styles.value} lang={chosen?.lang}>
            {chosen?.label}
          </span>
          <ChevronDown size={13} strokeWidth={2} aria-hidden />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <Floating>
          <DropdownMenu.Content className={menu.menu} align="start" sideOffset={4} collisionPadding={8} aria-label={label}>
            <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
              {options.map((option) => (
                <DropdownMenu.RadioItem
                  key={option.value}
                  value={option.value}
                  className={classNames(menu.item, styles.option)}
                  data-value={option.value}
                >
                  <Check className={styles.check} size={14} strokeWidth={2.2} aria-hidden />
                  <span lang={option.lang}>{option.label}</span>
                </DropdownMenu.RadioItem>
              ))}
            </DropdownMenu.RadioGroup>
          </DropdownMenu.Content>
        </Floating>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
