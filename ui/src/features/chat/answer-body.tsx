import { BookLock, BookOpen, Brain, Wrench } from "lucide-react";
import { useState } from "react";
import { Fold } from "@/kit/fold";
import { words } from "@/lib/words";
import styles from "./answer-body.module.css";
import { useMarksIn } from "./claims";
import { type Lookup, lookupOf, type Piece, tookOf } from "./pieces";
import { Voice } from "./voice";

// What was unfolded stays so when the growing answer becomes the stored one, and when one comes back to the chat.
const unfolded = new Set<string>();

function useUnfolded(key: string): [boolean, (open: boolean) => void] {
  const [open, setOpen] = useState(unfolded.has(key));
  return [
    open,
    (next) => {
      if (next) unfolded.add(key);
      else unfolded.delete(key);
      setOpen(next);
    },
  ];
}

type BodyProps = {
  /** The answer's id, once it has one. */
  id: string | null;
  pieces: Piece[];
  /** It is being written, now and here. */
  live: boolean;
  /** Whether its end may be half-written Markdown. */
  growing: boolean;
};

/** An answer as it came: thoughts, words, what was looked up, words. */
export function AnswerBody({ id, pieces, live, growing }: BodyProps) {
  return pieces.map((piece, at) => {
    const last = at === pieces.length - 1;
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces only ever grow at the end, so the place is the identity
    return <PieceView key={at} at={`${id} ${at}`} piece={piece} live={live} growing={growing && last} last={last} />;
  });
}

type PieceProps = { at: string; piece: Piece; live: boolean; growing: boolean; last: boolean };

function PieceView({ at, piece, live, growing, last }: PieceProps) {
  if (piece.kind === "text") return piece.text.trim() !== "" && <Words piece={piece} growing={growing} />;
  if (piece.kind === "reasoning") return <Thoughts at={at} piece={piece} growing={live && last} />;
  if (piece.kind === "tool") return <Tool at={at} piece={piece} running={live && piece.output === null} />;
  return <Sealed />;
}

function Words({ piece, growing }: { piece: Extract<Piece, { kind: "text" }>; growing: boolean }) {
  return <Voice source={piece.text} growing={growing} marks={useMarksIn(piece)} />;
}

function Thoughts({ at, piece, growing }: { at: string; piece: Extract<Piece, { kind: "reasoning" }>; growing: boolean }) {
  const [open, setOpen] = useUnfolded(at);
  const took = tookOf(piece);
  const summary = growing
    ? words.chat.thoughtsGrowing
    : took === null
      ? words.chat.thoughts
      : words.chat.thoughtFor(Math.max(1, Math.round(took / 1000)));
  return (
    <Fold icon={Brain} summary={summary} open={open} onOpenChange={setOpen} testId="reasoning" active={growing}>
      <div className={styles.thoughts}>
        <Voice source={piece.text} growing={growing} />
      </div>
    </Fold>
  );
}

const Sealed = () => (
  <Fold icon={BookLock} summary={words.chat.thoughtsSealed} open={false} onOpenChange={() => {}} testId="reasoning-sealed" />
);

function Tool({ at, piece, running }: { at: string; piece: Extract<Piece, { kind: "tool" }>; running: boolean }) {
  const [open, setOpen] = useUnfolded(at);
  const looked = lookupOf(piece);
  return (
    <Fold
      icon={looked ? BookOpen : Wrench}
      summary={looked ? lookupText(looked, piece.failed, running) : words.chat.usedTool(piece.name)}
      open={open}
      onOpenChange={setOpen}
      testId="tool"
      active={running}
    >
      {looked?.passages?.length ? (
        <ul className={styles.passages}>
          {looked.passages.map(({ source, text }) => (
            <li key={source + text}>
              <p dir="auto">{text}</p>
              <p>{source}</p>
            </li>
          ))}
        </ul>
      ) : (
        piece.output && <pre className={styles.output}>{piece.output}</pre>
      )}
    </Fold>
  );
}

function lookupText({ query, passages }: Lookup, failed: boolean, running: boolean): string {
  if (running) return words.chat.looking(query);
  if (failed) return words.chat.lookFailed(query);
  return passages === null ? words.chat.looked(query) : words.chat.lookedFor(query, passages.length);
}
