import { Check, Minus, Plus } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { Session } from "@/bindings";
import { Button } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { Dialog } from "@/kit/dialog";
import fieldStyles from "@/kit/field.module.css";
import { isComposing } from "@/lib/keys";
import { words } from "@/lib/words";
import styles from "./tags-dialog.module.css";

type TagsDialogProps = {
  /** Whose tags; empty: closed. */
  sessions: Session[];
  /** Every tag there is, with how many chats have it. */
  known: [tag: string, chats: number][];
  onTag: (tag: string, tagged: boolean) => void;
  onClose: () => void;
};

/** The longest that the program takes. */
const longest = 40;

/** Puts tags on chats and takes them off, at once; typing finds one that is known, or makes a new one. */
export function TagsDialog({ sessions, known, onTag, onClose }: TagsDialogProps) {
  const text = words.sessions;
  const title = sessions.length === 1 ? sessions[0]?.title || text.untitled : null;
  return (
    <Dialog
      open={sessions.length > 0}
      onClose={onClose}
      title={text.tagsOf(title, sessions.length)}
      testId="tags-dialog"
      actions={
        <Button look="primary" onClick={onClose}>
          {text.done}
        </Button>
      }
    >
      <TagPicker sessions={sessions} known={known} onTag={onTag} />
    </Dialog>
  );
}

function TagPicker({ sessions, known, onTag }: Omit<TagsDialogProps, "onClose">) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  useEffect(() => {
    list.current?.querySelector(`[data-place="${active}"]`)?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const wanted = typed.trim().replace(/\s+/g, " ");
  const lower = wanted.toLowerCase();
  const fitting = known.filter(([tag]) => tag.toLowerCase().includes(lower));
  const options = fitting.map(([tag, chats]) => ({ tag, chats, on: sessions.filter((one) => one.tags.includes(tag)).length }));
  // "Work" beside "work" would be two tags for one thing.
  const isNew = wanted !== "" && !known.some(([tag]) => tag.toLowerCase() === lower);
  if (isNew) options.push({ tag: wanted, chats: 0, on: 0 });

  const take = (place: number) => {
    const option = options[place];
    if (!option) return;
    onTag(option.tag, option.on < sessions.length);
    setTyped("");
    // The list is whole again: what was just taken stays under the cursor.
    const all = option.chats === 0 ? [...known, [option.tag] as const].sort(([a], [b]) => a.localeCompare(b)) : known;
    setActive(
      Math.max(
        0,
        all.findIndex(([tag]) => tag === option.tag),
      ),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) setActive((active + step + options.length) % options.length);
    else if (event.key === "Enter") take(active);
    else return;
    event.preventDefault();
  };

  return (
    <div className={styles.picker}>
      <input
        type="text"
        role="combobox"
        className={fieldStyles.input}
        dir="auto"
        aria-label={words.sessions.tagField}
        aria-autocomplete="list"
        aria-expanded={options.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={options[active] ? `${id}-${active}` : undefined}
        placeholder={words.sessions.tagField}
        autoComplete="off"
        spellCheck={false}
        maxLength={longest}
        value={typed}
        data-testid="tag-field"
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        ref={list}
        role="listbox"
        id={`${id}-list`}
        aria-label={words.sessions.tagList}
        aria-multiselectable
        className={styles.list}
        tabIndex={-1}
        // The field keeps the focus, and with it the keys.
        onPointerDown={(event) => event.preventDefault()}
      >
        {options.map(({ tag, chats, on }, place) => {
          const Icon = chats === 0 ? Plus : on === 0 ? null : on < sessions.length ? Minus : Check;
          const some = on > 0 && on < sessions.length;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus
            <div
              key={tag}
              role="option"
              id={`${id}-${place}`}
              tabIndex={-1}
              aria-selected={on === sessions.length}
              className={classNames(styles.option, place === active && styles.active)}
              data-place={place}
              data-testid="tag-option"
              onClick={() => take(place)}
            >
              <span className={styles.mark}>{Icon && <Icon size={14} strokeWidth={2} aria-hidden />}</span>
              <span className={styles.tag} dir="auto">
                {chats === 0 ? words.sessions.tagNew(tag) : tag}
              </span>
              {chats > 0 && (
                <span className={styles.chats}>{some ? words.sessions.tagSome(on, sessions.length) : words.sessions.tagCount(chats)}</span>
              )}
            </div>
          );
        })}
      </div>
      {options.length === 0 && <p className={styles.none}>{words.sessions.tagNone}</p>}
    </div>
  );
}
