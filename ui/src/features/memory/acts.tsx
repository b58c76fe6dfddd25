import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Merge, RotateCcw, Undo2, X } from "lucide-react";
import { useState } from "react";
import { commands, type ForgetScope, type MemoryDetail } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { Menu } from "@/kit/menu";
import { formatList } from "@/lib/format";
import { bringBack, changeWithUndo, undoMemory } from "@/lib/memory";
import { keys } from "@/lib/query";
import { words } from "@/lib/words";
import { CorrectDialog } from "./correct-dialog";
import type { DetailProps } from "./detail";
import styles from "./detail.module.css";
import { MergeDialog } from "./merge-dialog";
import { reachTexts } from "./text";

const text = words.memory;

/** What can be done with a memory. */
export function Acts({ detail, onClose, onOpen, onForget }: DetailProps & { detail: MemoryDetail; onForget: () => void }) {
  const client = useQueryClient();
  const [doing, setDoing] = useState<"correct" | "merge" | null>(null);
  const { memory } = detail;
  const scope: ForgetScope = { type: "memory", id: memory.id, history: true };
  const plan = useQuery({ queryKey: keys.plan(scope), queryFn: () => commands.forgetPlan(scope) });
  // The button has room for what one would not expect, beside the memory itself.
  const reached = plan.data ? reachTexts({ ...plan.data, records: 0, vectors: 0, memories: Math.max(0, plan.data.memories - 1) }) : [];
  const holds = memory.ended_at === null;

  const retract = () =>
    changeWithUndo(
      client,
      text.retracted,
      () => commands.memoryRetract(memory.id, true),
      () => commands.memoryRetract(memory.id, false),
    );
  const undo = async () => {
    if (await undoMemory(client, memory)) onClose();
  };
  return (
    <div className={styles.acts}>
      <div className={styles.pair}>
        {holds ? (
          <Button onClick={() => setDoing("correct")} data-testid="memory-correct">
            {text.correct}
          </Button>
        ) : (
          <Button icon={RotateCcw} onClick={() => void bringBack(client, memory.id)} data-testid="memory-restore">
            {text.restore}
          </Button>
        )}
        <Menu
          trigger={<IconButton label={text.moreActions} icon={Ellipsis} data-testid="memory-acts" />}
          items={[
            ...(holds ? [{ label: text.merge, icon: Merge, onSelect: () => setDoing("merge") }] : []),
            ...(holds ? [{ label: text.retract, icon: X, onSelect: () => void retract() }] : []),
            { label: text.undo, icon: Undo2, onSelect: () => void undo() },
          ]}
        />
      </div>
      <Button className={styles.forget} onClick={onForget} data-testid="memory-forget">
        {reached.length > 0 ? text.forgetReaches(formatList(reached.slice(0, 2))) : text.forget}
      </Button>
      {doing === "correct" && <CorrectDialog memory={memory} onClose={() => setDoing(null)} onCorrected={onOpen} />}
      {doing === "merge" && <MergeDialog memory={memory} onClose={() => setDoing(null)} />}
    </div>
  );
}
