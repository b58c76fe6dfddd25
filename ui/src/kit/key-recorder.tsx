import { Plus } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { keysOf } from "@/lib/keys";
import { words } from "@/lib/words";
import { classNames } from "./class-names";
import styles from "./key-recorder.module.css";
import { Keys } from "./keys";

type KeyRecorderProps = {
  /** The keys as they are, `Mod+Shift+K`; empty: none. */
  value: string;
  /** What the button is called, keys and all. */
  label: string;
  onChange: (keys: string) => void;
  onClear: () => void;
  error?: boolean;
  /** What says so; the recorder is described by it. */
  describedBy?: string;
  /** How an event is read; `Mod+…` unless told otherwise. */
  read?: (event: globalThis.KeyboardEvent) => string | null;
  testId?: string;
};

/** Shows keys, and once pressed takes those that are pressed next. Esc gives up, Backspace takes away, leaving gives up. */
export function KeyRecorder({ value, label, onChange, onClear, error, describedBy, read = keysOf, testId }: KeyRecorderProps) {
  const [recording, setRecording] = useState(false);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!recording) return;
    const bare = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
    // Whoever moves on by keyboard moves on.
    if (event.key === "Tab" && !event.ctrlKey && !event.metaKey) return setRecording(false);
    event.preventDefault();
    event.stopPropagation();
    if (bare && event.key === "Escape") return setRecording(false);
    if (bare && event.key === "Backspace") {
      setRecording(false);
      return onClear();
    }
    const keys = read(event.nativeEvent);
    if (keys === null) return;
    setRecording(false);
    onChange(keys);
  };
  return (
    <button
      type="button"
      className={classNames(styles.recorder, recording && styles.recording, error && styles.wrong)}
      aria-label={recording ? words.shortcuts.recording : label}
      aria-describedby={describedBy}
      title={recording ? words.shortcuts.recordingHint : undefined}
      onClick={() => setRecording(true)}
      onKeyDown={onKeyDown}
      onBlur={() => setRecording(false)}
      data-testid={testId}
    >
      {recording ? (
        <span className={styles.prompt}>{words.shortcuts.recording}</span>
      ) : value ? (
        <Keys keys={value} />
      ) : (
        <span className={styles.none}>
          <Plus size={13} strokeWidth={2} aria-hidden />
          {words.shortcuts.noKeys}
        </span>
      )}
    </button>
  );
}
