import { askEarly } from "@/host/early";
import { freeze } from "@/lib/prototype";
import { speakRemembered } from "@/lib/words";

freeze(Object.prototype);
askEarly();

// The words come first: everything else may use them as soon as it is loaded.
void speakRemembered().then(() => import("./start"));
