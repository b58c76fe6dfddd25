import { UserRound } from "lucide-react";
import type { MemoryStats, PersonRow } from "@/bindings";
import { Button } from "@/kit/button";
import menu from "@/kit/choice-menu.module.css";
import { classNames } from "@/kit/class-names";
import { PickMenu } from "@/kit/pick-menu";
import { Segments } from "@/kit/segments";
import { TimeMenu } from "@/kit/time-menu";
import { words } from "@/lib/words";
import styles from "./memory-screen.module.css";
import { filtered, type Looking, look, noFilters } from "./state";

const text = words.memory;

export function Filters({ looking, stats, people }: { looking: Looking; stats: MemoryStats | undefined; people: PersonRow[] }) {
  const { person, contradicted, ended, view } = looking;
  const chosen = people.find((row) => row.person.id === person)?.person.name ?? null;
  return (
    <div className={styles.filters} role="toolbar" aria-label={words.find.short}>
      <PickMenu
        label={text.person}
        icon={UserRound}
        chosen={chosen}
        none={text.personAny}
        clear={() => look({ person: null })}
        options={people.map((row) => ({
          id: row.person.id,
          title: row.person.name,
          detail: [row.person.relation, ...row.person.aliases].filter(Boolean).join(" · "),
        }))}
        onPick={(id) => look({ person: id })}
        search={text.personSearch}
        nothing={text.personNone}
        testId="memory-who"
      />
      <TimeMenu label={text.when} span={looking} onChange={look} testId="memory" />
      {((stats?.contradicted ?? 0) > 0 || contradicted) && (
        <Toggle
          on={contradicted}
          onChange={(next) => look(next ? { contradicted: next, tab: "all" } : { contradicted: next })}
          testId="memory-contradicted"
        >
          {text.contradicted(stats?.contradicted ?? 0)}
        </Toggle>
      )}
      <Toggle on={ended} onChange={(next) => look({ ended: next })} testId="memory-with-ended">
        {text.withEnded}
      </Toggle>
      {filtered(looking) && (
        <Button look="quiet" small onClick={() => look(noFilters)} data-testid="memory-clear-filters">
          {text.clearFilters}
        </Button>
      )}
      <span className={styles.view}>
        <Segments
          label={text.view}
          value={view}
          options={[
            { value: "list", label: text.views.list },
            { value: "time", label: text.views.time },
          ]}
          onChange={(next) => look({ view: next })}
          testId="memory-view"
        />
      </span>
    </div>
  );
}

type ToggleProps = { on: boolean; onChange: (on: boolean) => void; testId: string; children: string };

function Toggle({ on, onChange, testId, children }: ToggleProps) {
  return (
    <button
      type="button"
      className={classNames(menu.choice, on && menu.set)}
      aria-pressed={on}
      onClick={() => onChange(!on)}
      data-testid={testId}
    >
      <span className={menu.value}>{children}</span>
    </button>
  );
}
