import { CircleCheck, TriangleAlert, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { dismissToast, type Toast, useToastPlace, useToasts } from "@/lib/toast";
import { words } from "@/lib/words";
import { Button, IconButton } from "./button";
import { classNames } from "./class-names";
import styles from "./toast.module.css";

export function Toasts() {
  const toasts = useToasts();
  const place = useToastPlace();
  const region = (
    <section
      className={classNames(styles.region, place && styles.inside)}
      aria-label={words.toast.region}
      aria-live="polite"
      data-testid="toasts"
      data-toasts=""
    >
      {toasts.map((toast) => (
        <ToastRow key={toast.id} toast={toast} />
      ))}
    </section>
  );
  return place ? createPortal(region, place) : region;
}

function ToastRow({ toast }: { toast: Toast }) {
  // Whoever points at it or has reached it by keyboard is reading it: the clock waits.
  const [held, setHeld] = useState(false);
  const left = useRef(toast.lasts);
  useEffect(() => {
    if (held) return;
    const since = Date.now();
    const timer = setTimeout(() => dismissToast(toast.id), left.current);
    return () => {
      clearTimeout(timer);
      left.current = Math.max(1500, left.current - (Date.now() - since));
    };
  }, [held, toast.id]);

  const Icon = toast.tone === "warn" ? TriangleAlert : CircleCheck;
  const { action } = toast;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: holding the clock is not an action; everything to act on inside is a button
    <div
      className={classNames(styles.toast, toast.tone === "warn" && styles.warn)}
      data-testid="toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon size={16} strokeWidth={1.9} aria-hidden />
      <span className={styles.text}>{toast.text}</span>
      {action && (
        <Button
          look="quiet"
          small
          data-testid="toast-action"
          onClick={() => {
            dismissToast(toast.id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton label={words.toast.dismiss} icon={X} size={14} onClick={() => dismissToast(toast.id)} />
    </div>
  );
}
