import { Ghost } from "lucide-react";
import type { Audience, PersonaView } from "@/bindings";
import { Avatar } from "@/kit/avatar";
import { words } from "@/lib/words";
import styles from "./greeting.module.css";

type GreetingProps = { persona: PersonaView; audience: Audience; temporary: boolean; onAsk: (question: string) => void };

/** The first thing in a chat that has not begun. */
export function Greeting({ persona, audience, temporary, onAsk }: GreetingProps) {
  if (temporary) {
    return (
      <div className={styles.greeting} data-testid="greeting">
        <span className={styles.ghost}>
          <Ghost size={28} strokeWidth={1.5} aria-hidden />
        </span>
        <h2>{audience === "owner" ? words.temporary.greeting : words.temporary.greetingVisitor(persona.name)}</h2>
      </div>
    );
  }
  return (
    <div className={styles.greeting} data-testid="greeting">
      <Avatar name={persona.name} picture={persona.avatar} size={64} />
      <h2>{audience === "owner" ? words.chat.greeting(persona.name) : words.chat.greetingVisitor(persona.name)}</h2>
      <p>{audience === "owner" ? words.chat.greetingText : words.chat.greetingVisitorText}</p>
      <ul aria-label={words.chat.suggestions}>
        {suggestions(persona, audience).map((question) => (
          <li key={question}>
            <button type="button" onClick={() => onAsk(question)} data-testid="suggestion">
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Questions that this persona can answer: each one is offered only when a file holds something for it. */
export function suggestions(persona: PersonaView, audience: Audience): string[] {
  const files = persona.files.filter((file) => audience === "owner" || !file.private);
  const facts = files.flatMap((file) => file.facts.map((fact) => fact.key.toLowerCase()));
  const has = (kind: string) => files.some((file) => file.kind === kind);
  const fact = (pattern: RegExp) => facts.some((key) => pattern.test(key));
  const fitting: [boolean, string][] = [
    [true, words.chat.suggestWho],
    [fact(/role|specialt|work/), words.chat.suggestRole(persona.name)],
    [fact(/^interests/), words.chat.suggestInterests],
    [has("cv"), words.chat.suggestCv],
    [audience === "owner", words.chat.suggestRemember],
    [fact(/^location/), words.chat.suggestPlace(persona.name)],
    [has("style"), words.chat.suggestStyle],
  ];
  return fitting.flatMap(([fits, question]) => (fits ? [question] : [])).slice(0, 4);
}
