import { commands, type SignIn, type WireError } from "@/bindings";
import { openChannel } from "@/host/channel";
import { toWireError } from "@/lib/errors";
import { keyedStore } from "@/lib/store";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";

/** A sign-in outlives the screen on which it was begun: the person goes on working while the browser waits for them. */
export type Signing = { profile: string; waits: SignIn | null; error: WireError | null };

const store = keyedStore<"now", Signing>();

export const useSigning = (): Signing | null => store.use("now");

/** Resolves when it is over, however it ended. */
export async function signIn(profile: string): Promise<void> {
  const mine: Signing = { profile, waits: null, error: null };
  store.set("now", mine);
  // Another one that was begun meanwhile, or the person who gave this one up, has the last word.
  const isCurrent = () => {
    const now = store.get("now");
    return now?.profile === profile && now.error === null;
  };
  const channel = openChannel<SignIn>((waits) => isCurrent() && store.set("now", { ...mine, waits }));
  try {
    await commands.awsSignIn(profile, channel);
    if (!isCurrent()) return;
    store.remove("now");
    showToast(words.settings.signIn.done);
  } catch (thrown) {
    if (isCurrent()) store.set("now", { ...mine, error: toWireError(thrown) });
  }
}

export function cancelSignIn(): void {
  store.remove("now");
  // If nothing waits any more, there is nothing left to give up.
  commands.awsSignInCancel().catch(() => {});
}
