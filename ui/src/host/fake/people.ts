import type { Person, PersonId, PersonRow } from "@/bindings";
import { type Command, fail } from "./common";
import { memoryChanged, standing } from "./memory";

export const peopleCommands: Record<string, Command> = {
  person_list: (world): PersonRow[] => {
    const { people } = world.memory;
    const holds = standing(world).filter(({ ended_at }) => ended_at === null);
    return people
      .filter(({ merged_into }) => merged_into === null)
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((person) => {
        const merged = people.filter(({ merged_into }) => merged_into === person.id);
        const ids = [person, ...merged].map(({ id }) => id);
        return { person, merged, memories: holds.filter((memory) => memory.people.some((id) => ids.includes(id))).length };
      });
  },
  person_change: (world, { person }: { person: Person }) => {
    const known = world.memory.people.find(({ id }) => id === person.id);
    if (!known) throw fail("not_found", "this person is not known", "look at the list again");
    Object.assign(known, { name: person.name, aliases: person.aliases, relation: person.relation });
    memoryChanged();
    return null;
  },
  person_merge: (world, { id, into }: { id: PersonId; into: PersonId | null }) => {
    const known = world.memory.people.find((one) => one.id === id);
    if (!known || id === into) throw fail("invalid_input", "nobody is merged with themselves", "choose another person");
    known.merged_into = into;
    memoryChanged();
    return null;
  },
};
