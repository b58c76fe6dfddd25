/** Keeps a few words over a restart, an empty text not any more. Says whether it could: storage may be full or forbidden. */
export function remember(name: string, text: string): boolean {
  try {
    if (text) localStorage.setItem(name, text);
    else localStorage.removeItem(name);
    return true;
  } catch {
    return false;
  }
}
