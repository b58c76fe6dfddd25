import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { resetFakeWorld } from "@/host/fake/core";
import { clearStores } from "@/lib/store";
import { dismissAllToasts } from "@/lib/toast";

// What jsdom does not have and the components ask for.
Object.assign(window, {
  matchMedia: (query: string) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }),
  ResizeObserver: class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
});
Object.assign(Element.prototype, {
  scrollIntoView: vi.fn(),
  hasPointerCapture: () => false,
  setPointerCapture() {},
  releasePointerCapture() {},
});
// Without a layout every box has no height; the one of a conversation has room for what is tested in it (test/layout.ts has more).
Object.defineProperty(Element.prototype, "clientHeight", {
  configurable: true,
  get(this: Element) {
    return this.getAttribute("data-testid") === "thread" ? 4000 : 0;
  },
});
let pictures = 0;
Object.assign(URL, {
  createObjectURL: () => {
    pictures += 1;
    return `blob:${pictures}`;
  },
  revokeObjectURL() {},
});
window.CSS ??= { escape: (text: string) => text } as typeof CSS;

// axe looks for icon fonts by drawing; there is nothing to draw on.
HTMLCanvasElement.prototype.getContext = () => null;

beforeEach(() => {
  localStorage.clear();
  resetFakeWorld();
});

afterEach(() => {
  cleanup();
  dismissAllToasts();
  clearStores();
});

// Generous: a busy machine is slow and not wrong.
configure({ asyncUtilTimeout: 30_000 });
