import type { UseQueryResult } from "@tanstack/react-query";
import { BookOpen, SearchX } from "lucide-react";
import type { MemoryId, MemoryPage } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { errorLook, toWireError } from "@/lib/errors";
import { words } from "@/lib/words";
import { MemoryList } from "./list";
import styles from "./memory-screen.module.css";
import { filtered, type Looking, look, noFilters, page } from "./state";

const text = words.memory;

type ResultsProps = {
  found: UseQueryResult<MemoryPage>;
  looking: Looking;
  chosen: MemoryId | null;
  onChoose: (id: MemoryId) => void;
  onAdd: () => void;
};

/** The list, or why there is none. */
export function Results({ found, looking, chosen, onChoose, onAdd }: ResultsProps) {
  if (found.isError) return <ReadFailed error={found.error} onAgain={() => void found.refetch()} />;
  if (!found.data) return <Skeleton lines={6} />;
  if (found.data.total === 0)
    return filtered(looking) || looking.asOf !== "" ? (
      <div className={styles.state} data-testid="memory-none">
        <SearchX size={28} strokeWidth={1.5} aria-hidden />
        <h2>{text.none}</h2>
        <p>{text.noneText}</p>
        <Button onClick={() => look({ ...noFilters, asOf: "" })}>{text.clearFilters}</Button>
      </div>
    ) : (
      <div className={styles.state} data-testid="memory-empty">
        <BookOpen size={28} strokeWidth={1.5} aria-hidden />
        <h2>{text.empty}</h2>
        <p>{text.emptyText}</p>
        <Button onClick={onAdd}>{text.add}</Button>
      </div>
    );
  return (
    <>
      {looking.tab === "social" && <h2 className={styles.heading}>{text.aboutOthers}</h2>}
      <MemoryList
        page={found.data}
        chosen={chosen}
        onChoose={onChoose}
        onMore={() => look({ limit: looking.limit + page })}
        busy={found.isPlaceholderData}
        label={looking.tab === "social" ? text.aboutOthers : text.tabs[looking.tab]}
      />
      <p role="status" className={styles.status} data-testid="memory-status">
        {text.count(found.data.total)}
      </p>
    </>
  );
}

export function ReadFailed({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const told = toWireError(error);
  return (
    <Notice
      tone="danger"
      role="alert"
      icon={errorLook(told.code).icon}
      title={text.failed}
      testId="memory-error"
      actions={
        <Button small onClick={onAgain}>
          {words.problem.again}
        </Button>
      }
    >
      <ErrorText error={told} />
    </Notice>
  );
}
