import { type Bootstrap, commands } from "@/bindings";

let early: Promise<Bootstrap> | undefined;

/** Asks for what the page begins with while the page itself still loads. */
export function askEarly(): void {
  early = commands.bootstrap();
  // A failure is met, and told, by who asks for the answer.
  early.catch(() => undefined);
}

/** What the page begins with: what was asked early, once, and after that what is so now. */
export async function bootstrap(): Promise<Bootstrap> {
  const asked = early;
  early = undefined;
  return asked ?? commands.bootstrap();
}
