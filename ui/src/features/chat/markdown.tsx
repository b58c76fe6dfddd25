import { memo, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { words } from "@/lib/words";
import { settleTail, splitBlocks } from "./blocks";
import { CodeBlock } from "./code-block";
import { Link } from "./link";
import styles from "./markdown.module.css";

const plugins = [remarkGfm];

const text = (node: ReactNode): string =>
  typeof node === "string" ? node : Array.isArray(node) ? node.map(text).join("") : typeof node === "number" ? String(node) : "";

const large = ({ children }: { children?: ReactNode }) => <h2 dir="auto">{children}</h2>;
const small = ({ children }: { children?: ReactNode }) => (
  <h2 dir="auto" data-small="">
    {children}
  </h2>
);

const components: Components = {
  a: ({ href, children }) => (href && !href.startsWith("#") ? <Link url={href}>{children}</Link> : <span>{children}</span>),
  img: ({ alt }) => <span className={styles.picture}>{words.markdown.picture(alt ?? "")}</span>,
  pre: ({ node }) => {
    const code = node?.children[0];
    if (code?.type !== "element") return null;
    const language = String(code.properties.className ?? "").replace(/^language-/, "");
    const content = code.children.map((child) => (child.type === "text" ? child.value : "")).join("");
    return <CodeBlock language={language} text={content.replace(/\n$/, "")} />;
  },
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a section would be a landmark; this is only a scrolling box with a name
    <div className={styles.table} role="group" aria-label={words.markdown.table} tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
  p: ({ children }) => <p data-attribution={text(children).startsWith("— ") || undefined}>{children}</p>,
  // No `dir` on paragraphs: what has one of its own does not count for the direction of the list or quotation around it.
  ul: ({ children, className }) => (
    <ul dir="auto" className={className}>
      {children}
    </ul>
  ),
  ol: ({ children, start }) => (
    <ol dir="auto" start={start}>
      {children}
    </ol>
  ),
  blockquote: ({ children }) => <blockquote dir="auto">{children}</blockquote>,
  input: ({ checked }) => <span className={styles.box} data-checked={checked || undefined} role="img" aria-label={checked ? "☑" : "☐"} />,
  // One level below the title of the screen, whatever level the answer begins with; the size tells the rest.
  h1: large,
  h2: large,
  h3: small,
  h4: small,
  h5: small,
  h6: small,
  sup: ({ children }) => <sup>{text(children) || children}</sup>,
};

// Raw HTML stays text (no rehype-raw), and only addresses that the link dialog can explain become links.
const safeUrl = (url: string) => (/^(?:https?:|mailto:|#)/i.test(url) ? url : "");

const Block = memo(function Block({ source }: { source: string }) {
  return (
    <ReactMarkdown remarkPlugins={plugins} components={components} urlTransform={safeUrl}>
      {source}
    </ReactMarkdown>
  );
});

/** The twin's words. Finished blocks are kept as they are: while the text grows (or where it broke off), only the last one is settled and drawn again. */
export default function Markdown({ source, growing = false }: { source: string; growing?: boolean }) {
  const blocks = splitBlocks(source);
  return (
    <div className={styles.markdown}>
      {blocks.map((block, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks only ever grow at the end, so the place is the identity
        <Block key={at} source={growing && at === blocks.length - 1 ? settleTail(block) : block} />
      ))}
    </div>
  );
}
