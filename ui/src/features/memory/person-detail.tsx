import { useQueryClient } from "@tanstack/react-query";
import { UserRound, X } from "lucide-react";
import { useState } from "react";
import { commands, type Person, type PersonId, type PersonRow } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { Field } from "@/kit/field";
import { PickMenu } from "@/kit/pick-menu";
import { Skeleton } from "@/kit/skeleton";
import { allMemories, changeMemory, changeWithUndo } from "@/lib/memory";
import { useMemories, usePeople } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import type { DetailProps } from "./detail";
import styles from "./detail.module.css";
import { ForgetDialog } from "./forget-dialog";
import { whenText } from "./text";

const text = words.memory;

/** A person: how they are called, who they are found to be, and what is known of them. */
export function PersonDetail({ id, onClose, onOpen, onForgotten }: DetailProps & { id: PersonId }) {
  const people = usePeople().data;
  const row = people?.find(({ person }) => person.id === id);
  const known = useMemories({ ...allMemories, person: id }).data;
  // By name: the receipt stays when the person is no longer there.
  const [forgetting, setForgetting] = useState<string | null>(null);
  return (
    <div className={styles.panel} data-testid="person-detail">
      <header className={styles.header}>
        <h2 dir="auto">{row?.person.name ?? text.person}</h2>
        <IconButton label={text.close} icon={X} onClick={onClose} data-testid="memory-close" />
      </header>
      <div className={styles.body}>
        {!row ? (
          people ? (
            <p className={styles.quiet}>{words.errors.not_found}</p>
          ) : (
            <Skeleton lines={5} />
          )
        ) : (
          <>
            <PersonForm key={row.person.id} person={row.person} />
            <Same row={row} others={people?.filter(({ person }) => person.id !== id) ?? []} />
            {known && known.total > 0 && (
              <>
                <h3>{text.known}</h3>
                <ul className={styles.rows} data-testid="person-memories">
                  {known.memories.map(({ memory }) => (
                    <li key={memory.id}>
                      <button type="button" onClick={() => onOpen(memory.id)}>
                        <span className={styles.version} dir="auto">
                          {memory.text}
                        </span>
                        <span className={styles.quiet}>{whenText(memory)}</span>
                      </button>
                    </li>
                  ))}
                </ul>
              </>
            )}
            <div className={styles.acts}>
              <Button className={styles.forget} onClick={() => setForgetting(row.person.name)} data-testid="person-forget">
                {text.forgetPerson(row.person.name)}
              </Button>
            </div>
          </>
        )}
      </div>
      {forgetting !== null && (
        <ForgetDialog
          scope={{ type: "person", id }}
          note={text.forgetPersonText(forgetting)}
          onClose={() => setForgetting(null)}
          onForgotten={onForgotten}
        />
      )}
    </div>
  );
}

function PersonForm({ person }: { person: Person }) {
  const client = useQueryClient();
  // Only what was typed: the rest goes on being what is known, which may change meanwhile.
  const [typed, setTyped] = useState<{ name?: string; relation?: string; aliases?: string }>({});
  const { name = person.name, relation = person.relation, aliases = person.aliases.join(", ") } = typed;
  const next: Person = {
    ...person,
    name: name.trim(),
    relation: relation.trim(),
    // As each language writes a comma.
    aliases: aliases
      .split(/[,،、，]/)
      .map((one) => one.trim())
      .filter(Boolean),
  };
  const changed = JSON.stringify(next) !== JSON.stringify(person);
  const save = async () => {
    if (!(await changeMemory(client, () => commands.personChange(next)))) return;
    // What was typed while it was being saved stays.
    setTyped((now) => (now === typed ? {} : now));
    showToast(text.personSaved);
  };
  return (
    <form
      className={styles.fields}
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && next.name) void save();
      }}
    >
      <Field
        label={text.name}
        dir="auto"
        value={name}
        onChange={(event) => setTyped({ ...typed, name: event.target.value })}
        data-testid="person-name"
      />
      <Field
        label={text.relation}
        hint={text.relationHint}
        dir="auto"
        value={relation}
        onChange={(event) => setTyped({ ...typed, relation: event.target.value })}
        data-testid="person-relation"
      />
      <Field
        label={text.aliases}
        hint={text.aliasesHint}
        dir="auto"
        value={aliases}
        onChange={(event) => setTyped({ ...typed, aliases: event.target.value })}
        data-testid="person-aliases"
      />
      {changed && (
        <Button type="submit" look="primary" disabled={!next.name} data-testid="person-save">
          {text.saveChange}
        </Button>
      )}
    </form>
  );
}

/** Who else they are, and are not. */
function Same({ row: { person, merged }, others }: { row: PersonRow; others: PersonRow[] }) {
  const client = useQueryClient();
  const merge = (other: Person) =>
    changeWithUndo(
      client,
      text.personMerged(other.name, person.name),
      () => commands.personMerge(other.id, person.id),
      () => commands.personMerge(other.id, null),
    );
  const separate = async (other: Person) => {
    if (await changeMemory(client, () => commands.personMerge(other.id, null))) showToast(text.separated(other.name));
  };
  return (
    <>
      {merged.length > 0 && (
        <>
          <h3>{text.mergedHere}</h3>
          <ul className={styles.rows}>
            {merged.map((one) => (
              <li key={one.id} className={styles.merged}>
                <span dir="auto">{one.name}</span>
                <Button
                  small
                  look="quiet"
                  className={styles.separate}
                  aria-label={text.separateLabel(one.name)}
                  onClick={() => void separate(one)}
                  data-testid="person-separate"
                >
                  {text.separate}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
      {others.length > 0 && (
        <div className={styles.same}>
          <PickMenu
            label={text.samePerson}
            icon={UserRound}
            chosen={null}
            none={text.samePerson}
            options={others.map(({ person: one }) => ({
              id: one.id,
              title: one.name,
              detail: [one.relation, ...one.aliases].filter(Boolean).join(" · "),
            }))}
            onPick={(id) => {
              const other = others.find((one) => one.person.id === id);
              if (other) void merge(other.person);
            }}
            search={text.personSearch}
            nothing={text.personNone}
            testId="person-same"
          />
        </div>
      )}
    </>
  );
}
