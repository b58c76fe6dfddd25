import { BookOpen, Search } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { Settings } from "@/bindings";
import { useModelChoice } from "@/features/chat/choice";
import type { Looking } from "@/features/memory/state";
import { Spotlight } from "@/kit/dialog";
import { Keys } from "@/kit/keys";
import { type Pick, PickList } from "@/kit/pick-list";
import { useCatalogue, useSessions } from "@/lib/query";
import { useShortcut } from "@/lib/shortcut";
import { words } from "@/lib/words";
import styles from "./palette.module.css";
import { everything, listed, recentPicks, rememberPick } from "./palette-picks";
import type { Move, Place } from "./place";

const text = words.palette;

type PaletteProps = {
  place: Place;
  settings: Settings;
  onClose: () => void;
  onMove: (move: Move) => void;
  onFind: (text: string) => void;
  /** Goes to what is remembered, looked through in that way. */
  onMemory: (part: Partial<Looking>) => void;
};

export default function Palette({ place, settings, onClose, onMove, onFind, onMemory }: PaletteProps) {
  const [query, setQuery] = useState("");
  const [recent] = useState(recentPicks);
  const sessions = useSessions(place.audience).data;
  // The providers are asked only where a model may be meant.
  const catalogue = useCatalogue(place.screen === "chat" && query.trim() !== "").data;
  const { choose } = useModelChoice(place.session, place.audience, place.temporary, settings);
  useShortcut("palette", onClose, { over: "all" });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the palette is opened anew for every use, and nothing changes place under it
  const all = useMemo(
    () =>
      everything({
        place,
        settings,
        sessions: sessions ?? [],
        catalogue,
        dark: document.documentElement.dataset.theme === "dark",
        go: onMove,
        toMemory: onMemory,
        choose,
      }),
    [sessions, catalogue, settings],
  );
  const groups = useMemo(() => listed(all, query, recent), [all, query, recent]);
  const wanted = query.trim();
  // First away, so that what is opened can take the focus, and nothing takes it back.
  const chosen = useRef<(() => void) | null>(null);
  const closing = (pick: Pick, remember: boolean): Pick => ({
    ...pick,
    run: () => {
      if (remember) rememberPick(pick.id);
      chosen.current = pick.run;
      onClose();
    },
  });
  const shown = groups.map(({ name, picks }) => ({ name, picks: picks.map((pick) => closing(pick, true)) }));
  if (wanted) {
    const find: Pick = { id: "find", title: text.findMessages(wanted), icon: Search, run: () => onFind(wanted) };
    const memory: Pick = {
      id: "memory",
      title: text.findMemories(wanted),
      icon: BookOpen,
      run: () => onMemory({ tab: "all", text: wanted }),
    };
    const group = text.groups.memory;
    const there = shown.find(({ name }) => name === group);
    if (there) there.picks.push(closing(memory, false));
    else shown.push({ name: group, picks: [closing(memory, false)] });
    shown.push({ name: text.messages, picks: [closing(find, false)] });
  }
  return (
    <Spotlight
      onClose={onClose}
      onClosed={(event) => {
        if (!chosen.current) return;
        event.preventDefault();
        chosen.current();
      }}
      title={text.title}
      testId="palette"
    >
      <PickList
        label={text.title}
        listLabel={text.list}
        placeholder={text.placeholder}
        query={query}
        onQuery={setQuery}
        groups={shown}
        status={text.fits(shown.reduce((sum, { picks }) => sum + picks.length, 0))}
        testId="palette-field"
        footer={
          <footer className={styles.footer} aria-hidden>
            <span>
              <Keys keys="ArrowUp" quiet /> <Keys keys="ArrowDown" quiet /> {text.move}
            </span>
            <span>
              <Keys keys="Enter" quiet /> {text.run}
            </span>
            <span>
              <Keys keys="Esc" quiet /> {text.close}
            </span>
          </footer>
        }
      />
    </Spotlight>
  );
}
