import type { Settings } from "@/bindings";
import { Button } from "@/kit/button";
import { Dialog } from "@/kit/dialog";
import { Keys } from "@/kit/keys";
import { actions, areaOf, areas, keysFor, useShortcut } from "@/lib/shortcut";
import { words } from "@/lib/words";
import styles from "./shortcut-help.module.css";

const text = words.shortcuts;

/** All keys at a glance. What cannot be changed stands last. */
export default function ShortcutHelp({ settings, onClose, onChange }: { settings: Settings; onClose: () => void; onChange: () => void }) {
  useShortcut("shortcuts", onClose, { over: "all" });
  const own = settings.shortcuts;
  const groups = areas.map((area) => ({
    name: text.areas[area],
    rows: actions
      .filter((action) => areaOf(action) === area && keysFor(action, own))
      .map((action) => [text.actions[action], keysFor(action, own)] as const),
  }));
  const enterSends = settings.send_key === "enter";
  const fixed = [
    [text.fixed.send, enterSends ? "Enter" : "Mod+Enter"],
    [text.fixed.newLine, enterSends ? "Shift+Enter" : "Enter"],
    [text.fixed.move, "ArrowDown"],
    [text.fixed.open, "Enter"],
    [text.fixed.close, "Esc"],
  ] as const;
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.title}
      wide
      testId="shortcut-help"
      actions={
        <>
          <Button onClick={onChange}>{text.customize}</Button>
          <Button look="primary" onClick={onClose}>
            {words.form.close}
          </Button>
        </>
      }
    >
      <div className={styles.groups}>
        {[...groups, { name: text.always, rows: fixed }].map(
          ({ name, rows }) =>
            rows.length > 0 && (
              <section key={name} aria-label={name}>
                <h3>{name}</h3>
                <dl>
                  {rows.map(([what, keys]) => (
                    <div key={what}>
                      <dt>{what}</dt>
                      <dd>
                        <Keys keys={keys} />
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ),
        )}
      </div>
    </Dialog>
  );
}
