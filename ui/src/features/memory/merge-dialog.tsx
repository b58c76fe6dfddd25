import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { commands, type Memory, type MemoryId } from "@/bindings";
import { Dialog } from "@/kit/dialog";
import { PickList } from "@/kit/pick-list";
import { allMemories, changeMemory } from "@/lib/memory";
import { useMemories } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import styles from "./dialogs.module.css";
import { whenText } from "./text";

const text = words.memory;

/** Which other memory says the same: that one is taken up in this one. */
export function MergeDialog({ memory, onClose }: { memory: Memory; onClose: () => void }) {
  const client = useQueryClient();
  const [query, setQuery] = useState("");
  const found = useMemories({ ...allMemories, text: query.trim(), limit: 30 }).data;
  const merge = async (id: MemoryId) => {
    onClose();
    if (await changeMemory(client, () => commands.memorySettle(memory.id, [id], true))) showToast(text.merged);
  };
  // What a visitor said stays apart from what the owner did.
  const others = (found?.memories ?? []).filter((row) => row.memory.id !== memory.id && row.memory.teller === memory.teller);
  const picks = others.map(({ memory: { id, ...one } }) => ({
    id,
    title: one.text,
    detail: whenText({ id, ...one }),
    run: () => void merge(id),
  }));
  return (
    <Dialog open onClose={onClose} title={text.mergeTitle} text={text.mergeText} testId="merge-dialog">
      <div className={styles.picks}>
        <PickList
          label={text.search}
          listLabel={text.results}
          placeholder={text.search}
          query={query}
          onQuery={setQuery}
          groups={picks.length > 0 ? [{ name: text.results, picks }] : []}
          nothing={text.none}
          status={text.count(picks.length)}
          testId="merge-field"
        />
      </div>
    </Dialog>
  );
}
