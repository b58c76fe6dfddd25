/**
 * Freezes what all objects inherit from, so that a reply that is read into an object cannot change it for the whole page. Tauri's own
 * `freezePrototype` does that with plain properties, and what stands frozen on a prototype cannot be assigned to its heirs either: d3,
 * dayjs and others, which give objects a `toString` of their own, fail as they are loaded, and no diagram is drawn. As an accessor,
 * each of them gives way on the heirs alone.
 */
export function freeze(prototype: object): void {
  for (const [name, { value, enumerable, writable, configurable }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    // `__proto__` is an accessor already.
    if (!writable || !configurable) continue;
    Object.defineProperty(prototype, name, {
      enumerable,
      get: () => value,
      // Throws for the prototype itself, which is frozen by then.
      set(this: object, own: unknown) {
        Object.defineProperty(this, name, { value: own, writable: true, enumerable: true, configurable: true });
      },
    });
  }
  Object.freeze(prototype);
}
