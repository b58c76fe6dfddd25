import { freeze } from "@/lib/prototype";
import { speakRemembered } from "@/lib/words";

freeze(Object.prototype);

// The words come first: everything else may use them as soon as it is loaded.
void speakRemembered().then(() => import("./start"));
