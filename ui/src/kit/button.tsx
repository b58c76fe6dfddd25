import { LoaderCircle, type LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import styles from "./button.module.css";
import { classNames } from "./class-names";
import { Tip } from "./tip";

type ButtonProps = ComponentProps<"button"> & {
  look?: "primary" | "secondary" | "quiet" | "danger";
  small?: boolean;
  icon?: LucideIcon;
  busy?: boolean;
};

export function Button({ look = "secondary", small, icon: Icon, busy, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={classNames(styles.button, styles[look], small && styles.small, className)}
    >
      {busy ? <Spinner /> : Icon && <Icon size={15} strokeWidth={1.9} aria-hidden />}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ComponentProps<"button">, "aria-label"> & { label: string; icon: LucideIcon; size?: number; hint?: string };

/** A button that is only an icon: its name is required, and shown as a tip. */
export function IconButton({ label, icon: Icon, size = 16, hint, className, ...rest }: IconButtonProps) {
  return (
    <Tip text={hint ?? label}>
      <button type="button" {...rest} aria-label={label} className={classNames(styles.icon, className)}>
        <Icon size={size} strokeWidth={1.8} aria-hidden />
      </button>
    </Tip>
  );
}

export function Spinner({ size = 15 }: { size?: number }) {
  return <LoaderCircle size={size} strokeWidth={1.9} aria-hidden className={styles.spin} />;
}
