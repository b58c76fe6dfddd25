import type { Fact, PersonaFile, PersonaView, Problem } from "@/bindings";

export type FakeFile = { path: string; text: string; kind: PersonaFile["kind"]; editable: boolean; revision: number };

const facts = `{
  "full_name": "Augusta Ada King, Countess of Lovelace",
  "name": "Ada Lovelace",
  "current_role": "Mathematician; writer of the notes on the Analytical Engine",
  "location": "St James’s Square, London",
  "email": "ada@example.org",
  "specialties": ["analysis", "the science of operations", "poetical science"],
  "education": ["Mary Somerville", "Augustus De Morgan"],
  "interests": { "music": "the harp", "animals": "horses", "machines": "flying ones" }
}
`;

const summary = `I am a mathematician who thinks in pictures.

I believe myself to possess a most singular combination of qualities exactly fitted to make me pre-eminently a discoverer of the hidden realities of nature.

My notes on the Analytical Engine are longer than the paper that they annotate. They contain, as far as I know, the first programme written for a machine to carry out.
`;

const style = `Direct, warm, a little ironic. Long sentences when an idea needs them, short ones to land it.

- Say what you know and how you know it.
- Figures of speech from weaving, music and horses.
- Never flatter.
`;

const notes = `# Notes by the translator

The Analytical Engine has no pretensions whatever to originate anything. It can do whatever we know how to order it to perform.
`;

export function personaFiles(broken: boolean): FakeFile[] {
  const file = (path: string, kind: FakeFile["kind"], text: string, editable = true): FakeFile => ({
    path,
    kind,
    text,
    editable,
    revision: 1,
  });
  return [
    file("facts.json", "facts", broken ? facts.replace('"email": "ada@example.org",', '"email": "ada@example.org"') : facts),
    file("summary.md", "summary", summary),
    file("style.md", "style", style),
    file(
      "linkedin.pdf",
      "cv",
      "Ada Lovelace. Mathematician, London. Experience: translator and annotator of Menabrea’s Sketch of the Analytical Engine (1843).",
      false,
    ),
    file("notes/translation.md", "document", notes),
    file("documents/notes-on-the-analytical-engine.md", "document", notes),
    file("private/letters.md", "document", "I keep a box of unsent letters in the study.\n"),
  ];
}

export function check(path: string, text: string): Problem[] {
  if (!path.endsWith(".json")) {
    return text.trim() ? [] : [{ path, line: 1, column: null, message: "the file is empty", hint: "write at least one sentence" }];
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "full_name" in value && "name" in value) return [];
    return [{ path, line: 1, column: null, message: "`full_name` and `name` are required", hint: "add both, each as text in quotes" }];
  } catch {
    const missing = text.split("\n").findIndex((line, at, all) => /["\]}]\s*$/.test(line) && /^\s*"/.test(all[at + 1] ?? ""));
    return [
      {
        path,
        line: missing >= 0 ? missing + 2 : 1,
        column: 3,
        message: "expected a comma before this key",
        hint: missing >= 0 ? `put a comma at the end of line ${missing + 1}` : "check brackets, quotes and commas",
      },
    ];
  }
}

function flatten(value: unknown, prefix = ""): { key: string; value: string }[] {
  if (Array.isArray(value)) return [{ key: prefix, value: value.map(String).join(", ") }];
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => flatten(inner, prefix ? `${prefix}.${key}` : key));
  }
  return [{ key: prefix, value: String(value) }];
}

export function view(files: FakeFile[], folder: string): PersonaView {
  const good = files.find((file) => file.path === "facts.json");
  let values: Record<string, unknown> = { name: "Ada Lovelace", full_name: "Augusta Ada King, Countess of Lovelace" };
  if (good && check(good.path, good.text).length === 0) values = JSON.parse(good.text);
  const lines = (good?.text ?? "").split("\n");
  const found: Fact[] = flatten(values).map((fact) => ({
    ...fact,
    line:
      1 +
      Math.max(
        0,
        lines.findIndex((line) => line.includes(`"${fact.key.split(".")[0]}"`)),
      ),
  }));
  return {
    folder,
    name: String(values.name),
    full_name: String(values.full_name),
    files: files.map(({ path, kind, text, editable }) => {
      const problem = editable ? (check(path, text)[0] ?? null) : null;
      const words = text.split(/\s+/).filter(Boolean).length;
      return {
        path,
        kind,
        private: path.startsWith("private/"),
        editable,
        words,
        tokens: Math.ceil(text.length / 3.6),
        excerpt: text
          .replace(/[#*{}"]/g, "")
          .trim()
          .slice(0, 180),
        facts: kind === "facts" ? found : [],
        problem,
        last_good_in_use: problem !== null,
      };
    }),
    missing: ["facts.json", "summary.md", "style.md"]
      .filter((path) => !files.some((file) => file.path === path))
      .map((path) => ({
        path,
        purpose: path === "facts.json" ? "who you are, in facts" : path === "summary.md" ? "who you are, in prose" : "how you write",
      })),
    avatar: null,
  };
}
