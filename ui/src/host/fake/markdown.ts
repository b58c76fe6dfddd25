import type { Message, Session } from "@/bindings";
import { plain } from "./common";
import { id } from "./sample";

const reading = String.raw`# What an answer can hold

Words that are **bold**, *slanted*, ~~gone~~ or ${"`code`"}, with a [link](https://example.org/notes), a footnote[^note] and a price of $5 to $10.
Raw <b>HTML</b> is text. So is a picture from elsewhere: ![a chart](https://example.org/chart.png).

## Lists and tasks

1. First
2. Second, with more below
   - inner
   - inner, **bold**
3. Third

- [x] Read the note
- [ ] Write the second one, which is longer than one line so that it can be seen how the lines stand below each other

| Card | Operation | Result |
|:-----|:---------:|-------:|
| 1 | $V_2 \times V_3$ | 2n |
| 2 | ${"`V4 − V1`"} | 2n − 1 |
| 3 | **divide** | 0.5 |

## Formulas

The numbers $B_n$ are defined by \(\frac{x}{e^x - 1} = \sum_{n \ge 0} B_n \frac{x^n}{n!}\), and so

$$
B_n = -\frac{1}{n+1} \sum_{k=0}^{n-1} \binom{n+1}{k} B_k .
$$

\[
\begin{aligned}
\int_0^1 x^n \,dx &= \frac{1}{n+1} \\
\sqrt{\left(\tfrac{a}{b}\right)^2} &= \left|\tfrac{a}{b}\right|
\end{aligned}
\]

One that cannot be read: $\frac{1$.

[^note]: Notes stand at the end, *with* their own words.
[^unused]: Nobody refers to this one.
`;

const code = `Three pieces of code:

\`\`\`python
from dataclasses import dataclass

@dataclass
class Card:
    """One card of the engine."""
    number: int
    operation: str = "add"  # or "multiply"

def run(cards: list[Card]) -> int:
    total = 0
    for card in cards:
        total += card.number if card.operation == "add" else -card.number
    return total
\`\`\`

\`\`\`typescript
export const bernoulli = (n: number): Fraction =>
  n === 0 ? one : range(0, n).map((k) => binomial(n + 1, k).times(bernoulli(k))).reduce(add, zero).negate().over(n + 1);
\`\`\`

- In an item, too:

  \`\`\`diff
  - let a = 1;
  + let a = 2; // better
  \`\`\`

\`\`\`
No language, no colours.
\`\`\`
`;

const diagrams = `How a question travels:

\`\`\`mermaid
graph TD
  A[Question] --> B{Remembered?}
  B -- yes --> C[Quote it, with its source]
  B -- no --> D[Say so]
  C --> E([Answer])
  D --> E
\`\`\`

And in time:

\`\`\`mermaid
sequenceDiagram
  participant O as Owner
  participant T as Twin
  participant M as Model
  O->>T: What do I love?
  T->>M: question, memory
  M-->>T: words, as they come
  Note over T: kept every 250 ms
  T-->>O: answer
\`\`\`

One that cannot be drawn:

\`\`\`mermaid
graph TD
  A --
\`\`\`
`;

const more = `\`\`\`mermaid
pie title Where the time goes
  "Reading" : 45
  "Writing" : 30
  "Waiting" : 25
\`\`\`

\`\`\`mermaid
classDiagram
  Animal <|-- Greyhound
  Animal : +int age
  Animal : +sleep()
  class Greyhound {
    +String name
    +run()
  }
\`\`\`

\`\`\`mermaid
stateDiagram-v2
  [*] --> Idle
  Idle --> Asking: send
  Asking --> Idle: stop
  Asking --> [*]: done
\`\`\`

\`\`\`mermaid
gantt
  title The note
  dateFormat YYYY-MM-DD
  section Writing
  Translation :a1, 2026-01-01, 30d
  Notes :after a1, 60d
\`\`\`

\`\`\`mermaid
mindmap
  root((Engine))
    Mill
      Add
      Multiply
    Store
    Cards
\`\`\`
`;

const rows = Array.from({ length: 260 }, (_, at) => `| ${at + 1} | ${(at * at) % 97} | row ${at + 1} |`).join("\n");

const answers: Record<string, [string, string]> = {
  reading: ["Show me all that you can write.", reading],
  code: ["And code?", code],
  diagrams: ["And diagrams?", diagrams],
  more: ["Other kinds of them?", more],
  long: ["A long table, please.", `| Number | Square mod 97 | Words |\n|---:|---:|---|\n${rows}\n\nThat is all.`],
};

/** All of it in one answer. */
export const everything = [reading, code, diagrams].join("\n\n");

/** A chat for each thing that Markdown can become. */
export function markdownConversations(now: Date): { sessions: Session[]; messages: Message[] } {
  const at = (back: number) => new Date(now.getTime() - back * 60_000).toISOString();
  const sessions: Session[] = [];
  const messages: Message[] = [];
  for (const [back, [name, texts]] of Object.entries(answers).entries()) {
    const session = id(`markdown-${name}`);
    for (const [place, content] of texts.entries()) {
      messages.push({
        id: id(`markdown-${name}-${place}`),
        session_id: session,
        parent_id: place === 0 ? null : id(`markdown-${name}-0`),
        role: place === 0 ? "user" : "assistant",
        content,
        parts: [],
        attachments: [],
        created_at: at(back),
        status: "complete",
        model: null,
        instead_of: null,
        usage: null,
        failure: null,
        imported: null,
      });
    }
    sessions.push({
      id: session,
      title: texts[0],
      audience: "owner",
      created_at: at(back),
      updated_at: at(back),
      head: id(`markdown-${name}-1`),
      ...plain,
    });
  }
  return { sessions, messages };
}
