import type { UseQueryResult } from "@tanstack/react-query";
import type { PersonId, PersonRow } from "@/bindings";
import { classNames } from "@/kit/class-names";
import { fold } from "@/lib/fuzzy";
import { words } from "@/lib/words";
import { goThrough } from "./list";
import list from "./list.module.css";
import styles from "./memory-screen.module.css";
import own from "./people.module.css";
import { ReadFailed } from "./results";
import type { Looking } from "./state";

const text = words.memory;

type PeopleProps = {
  people: UseQueryResult<PersonRow[]>;
  looking: Looking;
  chosen: PersonId | null;
  onChoose: (id: PersonId) => void;
};

/** The people in the owner's life, by name. */
export function People({ people, looking, chosen, onChoose }: PeopleProps) {
  if (people.isError) return <ReadFailed error={people.error} onAgain={() => void people.refetch()} />;
  const wanted = fold(looking.text.trim());
  const all = (people.data ?? []).filter(({ person, merged }) =>
    [person, ...merged].some(({ name, aliases, relation }) => fold([name, relation, ...aliases].join(" ")).includes(wanted)),
  );
  if (all.length === 0) return wanted ? null : <p className={styles.status}>{text.peopleNone}</p>;
  return (
    <section className={own.section} aria-label={text.people}>
      <ul className={own.people} onKeyDown={goThrough} data-testid="people">
        {all.map(({ person, merged, memories }) => (
          <li key={person.id}>
            <button
              type="button"
              className={classNames(own.person, person.id === chosen && list.chosen)}
              aria-current={person.id === chosen ? "true" : undefined}
              onClick={() => onChoose(person.id)}
              data-row
              data-testid="person-row"
              data-id={person.id}
            >
              <b dir="auto">{person.name}</b>
              <span dir="auto">{[person.relation, ...person.aliases, ...merged.map(({ name }) => name)].filter(Boolean).join(" · ")}</span>
              <small>{text.count(memories)}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
