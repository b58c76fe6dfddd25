export type Token = { text: string; kind: "comment" | "string" | "number" | "keyword" | null };

const comments = { hash: "#[^\\n]*", slash: "\\/\\/[^\\n]*|\\/\\*[\\s\\S]*?(?:\\*\\/|$)", dash: "--[^\\n]*" };

const marks: Record<keyof typeof comments, string> = {
  hash: "python py bash sh shell zsh yaml yml toml ruby rb r perl elixir dockerfile makefile nix powershell",
  slash: "javascript js jsx typescript ts tsx rust rs go java kotlin kt swift c cpp c++ csharp cs php scala dart zig json jsonc scss css",
  dash: "sql lua haskell hs elm",
};

const keywords = new Set(
  (
    "abstract and as async await begin break case catch class const continue def default delete do elif else end enum except export extends " +
    "false False finally fn for from func function global goto if impl implements import in interface is lambda let loop match mod module mut " +
    "namespace new nil None not null or override package pass private protected pub public raise return select self static struct super switch " +
    "then this throw trait true True try type typeof union unless unsafe until use using var void when where while with yield " +
    "SELECT FROM WHERE INSERT INTO UPDATE DELETE CREATE TABLE JOIN ON GROUP BY ORDER LIMIT VALUES SET AND OR NOT NULL AS"
  ).split(" "),
);

const styles = new Map(
  Object.entries(marks).flatMap(([style, names]) => names.split(" ").map((name) => [name, style as keyof typeof comments] as const)),
);

/** More than this is data rather than a piece to read, and would be coloured again for every word that arrives. */
const most = 20_000;

/**
 * What the eye needs to find its way in a piece of code: comments, strings, numbers and the words that most languages share. Not a parser:
 * a language that is not known, or one written oddly, stays plain and is never wrong. Joined, the tokens give the text again.
 */
export function highlight(text: string, language: string): Token[] {
  const style = styles.get(language.toLowerCase());
  if (!style || text.length > most) return [{ text, kind: null }];
  const pattern = new RegExp(
    `(?<comment>${comments[style]})|(?<string>"""[\\s\\S]*?(?:"""|$)|"(?:[^"\\\\\\n]|\\\\.)*"|'(?:[^'\\\\\\n]|\\\\.)*'|\`(?:[^\`\\\\]|\\\\.)*\`)|(?<number>\\b\\d[\\w.]*)|(?<word>[\\p{L}_$][\\p{L}\\d_$]*)`,
    "gu",
  );
  const tokens: Token[] = [];
  let plain = "";
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    plain += text.slice(end, match.index);
    end = match.index + match[0].length;
    const { comment, string, number, word } = match.groups ?? {};
    const kind = comment ? "comment" : string ? "string" : number ? "number" : word && keywords.has(word) ? "keyword" : null;
    if (kind === null) {
      plain += match[0];
      continue;
    }
    if (plain) tokens.push({ text: plain, kind: null });
    plain = "";
    tokens.push({ text: match[0], kind });
  }
  plain += text.slice(end);
  if (plain) tokens.push({ text: plain, kind: null });
  return tokens;
}
