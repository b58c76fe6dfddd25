import type { Fact } from "@/bindings";
import { words } from "@/lib/words";
import styles from "./facts-table.module.css";

/** `interests.music` is read as “Interests, music”: the file's own spelling stays on the title. */
function label(key: string): string {
  const text = key
    .replace(/[_-]+/g, " ")
    .replace(/\.(\d+)/g, " $1")
    .replace(/\./g, ", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function FactsTable({ facts }: { facts: Fact[] }) {
  return (
    <table className={styles.facts} data-testid="facts-table">
      <thead>
        <tr>
          <th scope="col">{words.persona.fact}</th>
          <th scope="col">{words.persona.value}</th>
          <th scope="col">{words.persona.line}</th>
        </tr>
      </thead>
      <tbody>
        {facts.map((fact) => (
          <tr key={`${fact.key} ${fact.line} ${fact.value}`}>
            <th scope="row" title={fact.key}>
              {label(fact.key)}
            </th>
            <td className="selectable" dir="auto">
              {fact.value}
            </td>
            <td>{fact.line}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
