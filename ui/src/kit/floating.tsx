import type { ReactNode, Ref } from "react";
import { words } from "@/lib/words";

/**
 * Around a menu. It stands at the end of the body, outside of every landmark: somebody who goes from landmark to landmark would
 * never come by it.
 */
export function Floating({ ref, children }: { ref?: Ref<HTMLElement>; children: ReactNode }) {
  return (
    <section ref={ref} aria-label={words.app.menu}>
      {children}
    </section>
  );
}
