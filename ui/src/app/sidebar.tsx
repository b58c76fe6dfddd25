import { BookOpen, Settings as Gear, Ghost, type LucideIcon, MessageCircle, Search, SquarePen, UserRound } from "lucide-react";
import type { Audience, PersonaView, SessionId, Settings } from "@/bindings";
import { SessionList } from "@/features/sessions/session-list";
import { Avatar } from "@/kit/avatar";
import { IconButton } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { Keys } from "@/kit/keys";
import { Segments } from "@/kit/segments";
import { formatCount } from "@/lib/format";
import { displayName } from "@/lib/model";
import { useCatalogue, useMemoryStats } from "@/lib/query";
import { useKeys, useKeysShown } from "@/lib/shortcut";
import { words } from "@/lib/words";
import type { Move, Place } from "./place";
import styles from "./sidebar.module.css";
import { SyncMark } from "./sync-mark";

type SidebarProps = {
  place: Place;
  persona: PersonaView;
  settings: Settings;
  onMove: (move: Move) => void;
  onAudience: (audience: Audience) => void;
  onDeleted: (sessions: SessionId[]) => void;
};

export function Sidebar({ place, persona, settings, onMove, onAudience, onDeleted }: SidebarProps) {
  const problems = persona.files.filter((file) => file.problem).length;
  return (
    <div className={styles.sidebar}>
      <div className={styles.who}>
        <Avatar name={persona.name} picture={persona.avatar} />
        <div className={styles.name}>
          <b title={persona.full_name}>{persona.name}</b>
          <span>{words.app.yourTwin}</span>
        </div>
        <IconButton
          label={words.temporary.title}
          hint={words.shortcuts.hint(place.temporary ? words.temporary.leave : words.temporary.open, useKeysShown("temporary_chat"))}
          icon={Ghost}
          aria-pressed={place.temporary}
          onClick={() => onMove({ to: place.temporary ? "new-chat" : "temporary-chat" })}
          data-testid="temporary-chat"
        />
        <IconButton
          label={words.app.newChat}
          hint={words.shortcuts.hint(words.app.newChat, useKeysShown("new_chat"))}
          icon={SquarePen}
          onClick={() => onMove({ to: "new-chat" })}
          data-testid="new-chat"
        />
      </div>
      <Segments
        label={words.audience.label}
        value={place.audience}
        testId="audience"
        options={[
          { value: "owner", label: words.audience.owner },
          { value: "visitor", label: words.audience.visitor },
        ]}
        onChange={onAudience}
      />
      <nav aria-label={words.app.sections} className={styles.nav}>
        <Section
          icon={MessageCircle}
          name={words.app.chat}
          on={place.screen === "chat"}
          testId="nav-chat"
          onClick={() => onMove({ to: "chat-section" })}
        />
        <Section
          icon={Search}
          name={words.find.short}
          on={place.screen === "find"}
          testId="nav-find"
          onClick={() => onMove({ to: "find" })}
        >
          <span className={styles.keys} aria-hidden>
            <Keys keys={useKeys("find")} quiet />
          </span>
        </Section>
        <Section
          icon={BookOpen}
          name={words.memory.title}
          on={place.screen === "memory"}
          testId="nav-memory"
          onClick={() => onMove({ to: "memory" })}
        >
          {place.audience === "owner" && <Remembered />}
        </Section>
        <Section
          icon={UserRound}
          name={words.app.persona}
          on={place.screen === "persona"}
          testId="nav-persona"
          onClick={() => onMove({ to: "persona" })}
        >
          {problems > 0 && <em title={words.persona.problems(problems)}>{words.persona.problems(problems)}</em>}
        </Section>
      </nav>
      <div className={styles.list}>
        <SessionList
          key={place.audience}
          audience={place.audience}
          current={place.screen === "chat" ? place.session : null}
          onOpen={(session) => onMove({ to: "chat", session })}
          onDeleted={onDeleted}
        />
      </div>
      <footer className={styles.footer}>
        <Status settings={settings} />
        <SyncMark onOpen={() => onMove({ to: "settings", section: "sync" })} />
        <IconButton
          label={words.app.settings}
          hint={words.shortcuts.hint(words.app.settings, useKeysShown("settings"))}
          icon={Gear}
          aria-current={place.screen === "settings" ? "page" : undefined}
          onClick={() => onMove({ to: "settings" })}
          data-testid="open-settings"
        />
      </footer>
    </div>
  );
}

/** Who answers. By itself, so that the lists of models, when they arrive, do not draw the list of chats anew. */
function Status({ settings }: { settings: Settings }) {
  const catalogue = useCatalogue(false).data;
  return (
    <>
      <span className={styles.dot} data-provider={settings.model?.provider} aria-hidden />
      <span className={styles.status} data-testid="status">
        {settings.model ? displayName(catalogue, settings.model) : words.app.noModel}
      </span>
    </>
  );
}

/** How much is remembered. By itself, so that what is learned does not draw the list of chats anew. */
function Remembered() {
  const stats = useMemoryStats().data;
  const sum = stats ? stats.semantic + stats.episodic + stats.procedural + stats.social : 0;
  if (sum === 0) return null;
  return (
    <span className={styles.count} data-testid="memory-count">
      <span aria-hidden>{formatCount(sum)}</span>
      <span className="visually-hidden">{words.memory.count(sum)}</span>
    </span>
  );
}

type SectionProps = { icon: LucideIcon; name: string; on: boolean; testId: string; onClick: () => void; children?: React.ReactNode };

function Section({ icon: Icon, name, on, testId, onClick, children }: SectionProps) {
  return (
    <button
      type="button"
      className={classNames(styles.section, on && styles.on)}
      aria-current={on ? "page" : undefined}
      onClick={onClick}
      data-testid={testId}
    >
      <Icon size={15} strokeWidth={1.8} aria-hidden />
      <span>{name}</span>
      {children}
    </button>
  );
}
