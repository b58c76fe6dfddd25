import { RotateCcw } from "lucide-react";
import { useId, useState } from "react";
import type { Settings } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { KeyRecorder } from "@/kit/key-recorder";
import { SearchField } from "@/kit/search-field";
import { keyNames, showKeys } from "@/lib/keys";
import { type Action, actions, areaOf, areas, conflictOf, keysFor, standardKeys, troubleOf, withKeys } from "@/lib/shortcut";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { useChange } from "./save";
import screen from "./settings-screen.module.css";
import styles from "./shortcuts-section.module.css";

const text = words.shortcuts;
type Own = Settings["shortcuts"];

/** Keys that were pressed and cannot simply be taken. */
type Asked = { action: Action; keys: string };

export function ShortcutsSection({ settings }: { settings: Settings }) {
  const change = useChange();
  const own = settings.shortcuts;
  const [search, setSearch] = useState("");
  const [asked, setAsked] = useState<Asked | null>(null);
  const set = (next: (current: Own) => Own) => change((current) => ({ ...current, shortcuts: next(current.shortcuts) }));

  const choose = (action: Action, keys: string) => {
    const free = troubleOf(action, keys) === null && conflictOf(action, keys, own) === null;
    setAsked(free ? null : { action, keys });
    if (free) void set((current) => withKeys(current, action, keys));
  };
  const replace = ({ action, keys }: Asked, other: Action) => {
    setAsked(null);
    void set((current) => withKeys(withKeys(current, other, ""), action, keys)).then(
      (kept) => kept && showToast(text.replaced(text.actions[other])),
    );
  };
  const terms = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (action: Action) => {
    const all = [text.actions[action], text.areas[areaOf(action)], ...keyNames(keysFor(action, own))].join(" ").toLowerCase();
    return terms.every((term) => all.includes(term));
  };
  const groups = areas
    .map((area) => ({ area, members: actions.filter((action) => areaOf(action) === area && fits(action)) }))
    .filter(({ members }) => members.length > 0);

  return (
    <>
      <div className={screen.intro}>
        <h2>{text.title}</h2>
        <p>{text.text}</p>
      </div>
      <div className={styles.tools}>
        <SearchField
          label={text.search}
          framed
          className={styles.search}
          type="search"
          value={search}
          placeholder={text.search}
          onChange={(event) => setSearch(event.target.value)}
          data-testid="shortcuts-search"
        />
        <Button
          small
          disabled={Object.keys(own).length === 0}
          onClick={() => {
            setAsked(null);
            void set(() => ({})).then((kept) => kept && showToast(text.resetDone));
          }}
          data-testid="shortcuts-reset"
        >
          {text.resetAll}
        </Button>
      </div>
      {groups.length === 0 && (
        <p className={styles.none} role="status">
          {text.none}
        </p>
      )}
      {groups.map(({ area, members }) => (
        <section key={area} className={styles.group} aria-label={text.areas[area]}>
          <h3>{text.areas[area]}</h3>
          <ul>
            {members.map((action) => (
              <Row
                key={action}
                action={action}
                own={own}
                asked={asked?.action === action ? asked.keys : null}
                onChoose={(keys) => choose(action, keys)}
                onReplace={(other) => asked && replace(asked, other)}
                onCancel={() => setAsked(null)}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

type RowProps = {
  action: Action;
  own: Own;
  asked: string | null;
  onChoose: (keys: string) => void;
  onReplace: (other: Action) => void;
  onCancel: () => void;
};

function Row({ action, own, asked, onChoose, onReplace, onCancel }: RowProps) {
  const id = useId();
  const keys = keysFor(action, own);
  const usual = standardKeys(action);
  const name = text.actions[action];
  const trouble = asked === null ? null : troubleOf(action, asked);
  const other = asked === null || trouble ? null : conflictOf(action, asked, own);
  const shown = showKeys(asked ?? "");
  return (
    <li className={styles.row} data-testid={`shortcut-${action}`}>
      <span className={styles.name}>{name}</span>
      {keys !== usual && (
        <IconButton
          label={text.reset(name, showKeys(usual))}
          icon={RotateCcw}
          size={14}
          onClick={() => onChoose(usual)}
          data-testid={`shortcut-reset-${action}`}
        />
      )}
      <KeyRecorder
        value={keys}
        label={text.change(name, showKeys(keys))}
        onChange={onChoose}
        onClear={() => onChoose("")}
        error={asked !== null}
        describedBy={asked === null ? undefined : `${id}-trouble`}
        testId={`shortcut-keys-${action}`}
      />
      {asked !== null && (
        <div className={styles.trouble} id={`${id}-trouble`} role="alert" data-testid="shortcut-trouble">
          <p>{trouble ? text.trouble[trouble](shown) : other && text.conflict(shown, text.actions[other])}</p>
          {other && (
            <Button small onClick={() => onReplace(other)} data-testid="shortcut-replace">
              {text.replace}
            </Button>
          )}
          <Button small look="quiet" onClick={onCancel}>
            {words.form.cancel}
          </Button>
        </div>
      )}
    </li>
  );
}
