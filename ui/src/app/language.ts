import { holdsPage, leavePage } from "@/lib/leave";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";

const reload = () => window.location.reload();

/** Long enough to finish what one is at. */
const lasts = 30 * 60_000;

/** Loads the page in its new language, but offers it first where something would be lost: the change may come from another program. */
export function changeLanguage(): void {
  if (!holdsPage()) reload();
  else showToast(words.general.languageWaits, { lasts, action: { label: words.general.languageNow, run: () => leavePage(reload) } });
}
