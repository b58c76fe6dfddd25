import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { type Claim, commands, type Message, type Source } from "@/bindings";
import type { Mark } from "@/lib/markdown/marks";
import { keys } from "@/lib/query";
import type { Piece } from "./pieces";

type Shown = {
  claims: Claim[];
  /** Each source's number in its answer, by its name. */
  numbers: Map<string, number>;
  onOpenSource: (source: Source) => void;
};

const none: Claim[] = [];
export const Shown = createContext<Shown>({ claims: none, numbers: new Map(), onOpenSource: () => {} });

/** The same for the same place, whatever was quoted of it. */
export function nameOf(source: Source): string {
  if (source.kind === "file") return `${source.path}:${source.line}`;
  return source.kind === "memory" ? source.id : source.message_id;
}

type ClaimsProps = { message: Message; shown: boolean; onOpenSource: (source: Source) => void; children: ReactNode };

/** What the answer within says of the owner, and where that is from. Asked for apart from the report, which is as long as the prompt was. */
export function Claims({ message, shown, onOpenSource, children }: ClaimsProps) {
  // The offline twin quotes, and names the source of each quotation itself.
  const enabled = shown && message.status === "complete" && message.model !== null && message.model.provider !== "offline";
  const { data } = useQuery({ queryKey: keys.claims(message.id), queryFn: () => commands.contextClaims(message.id), enabled });
  const claims = enabled && data ? data : none;
  const value = useMemo(() => {
    const names = claims.flatMap(({ grounds }) => grounds.map(({ source }) => nameOf(source)));
    const numbers = new Map([...new Set(names)].map((name, at) => [name, at + 1]));
    return { claims, numbers, onOpenSource };
  }, [claims, onOpenSource]);
  return <Shown value={value}>{children}</Shown>;
}

/** The marks of a piece of the answer, at their places in it. */
export function useMarksIn({ text, from }: Extract<Piece, { kind: "text" }>): readonly Mark[] | undefined {
  const { claims } = useContext(Shown);
  return useMemo(() => {
    if (from === undefined || claims.length === 0) return undefined;
    const marks = claims.map(({ end }, at) => ({ end: end - from, at }));
    return marks.filter(({ end }) => end > 0 && end <= text.length);
  }, [claims, text, from]);
}
