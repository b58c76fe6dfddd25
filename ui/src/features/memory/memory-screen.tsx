import { CalendarX, Ellipsis, Plus, ReceiptText } from "lucide-react";
import { Tabs } from "radix-ui";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { Audience, EvidenceView, Memory, MemoryId, MemoryStats } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { Drawer } from "@/kit/dialog";
import { Menu } from "@/kit/menu";
import { Bar } from "@/kit/screen";
import { SearchField } from "@/kit/search-field";
import { formatCount, formatDay } from "@/lib/format";
import { useFrame } from "@/lib/frame";
import { isComposing } from "@/lib/keys";
import { useMemories, useMemoryStats, usePeople } from "@/lib/query";
import { useShortcut } from "@/lib/shortcut";
import { useNarrow } from "@/lib/text-size";
import { words } from "@/lib/words";
import { AddDialog } from "./add-dialog";
import { AsOf } from "./as-of";
import { Detail, type DetailProps } from "./detail";
import { Filters } from "./filters";
import { ForgetSpan } from "./forget-span";
import styles from "./memory-screen.module.css";
import { People } from "./people";
import { PersonDetail } from "./person-detail";
import { ReceiptsDialog } from "./receipts-dialog";
import { Results } from "./results";
import { type Looking, look, type Open, queryOf, useLooking } from "./state";
import { Timeline } from "./timeline";

const text = words.memory;
const tabs = Object.keys(text.tabs) as Looking["tab"][];

type MemoryScreenProps = {
  lead: ReactNode;
  audience: Audience;
  /** A memory that was asked for from elsewhere; `nonce` makes asking twice two requests. */
  asked: { id: MemoryId; nonce: number } | null;
  onOpenSource: (view: EvidenceView, memory: Memory) => void;
  /** Something was forgotten: a chat that is open elsewhere may be gone. */
  onForgotten: () => void;
};

export default function MemoryScreen({ lead, audience, asked, onOpenSource, onForgotten }: MemoryScreenProps) {
  const looking = useLooking();
  const { tab, view, open, asOf } = looking;
  const stats = useMemoryStats().data;
  const people = usePeople();
  const narrow = useNarrow(62.5);
  const main = useRef<HTMLDivElement>(null);
  const [dialog, setDialog] = useState<"add" | "receipts" | "span" | null>(null);
  useShortcut("add_memory", () => setDialog("add"));

  useEffect(() => {
    if (asked) look({ open: { type: "memory", id: asked.id } });
  }, [asked]);

  const query = useFrame(useMemo(() => queryOf(looking, audience, new Date()), [looking, audience]));
  const found = useMemories(query, view === "list");

  const openIt = (next: Open) => look({ open: next });
  const close = () => {
    look({ open: null });
    // Back to the row from which one came, as far as it is still there.
    const id = open?.id;
    main.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id ?? "")}"]`)?.focus({ preventScroll: true });
  };
  const detail: DetailProps = {
    onClose: close,
    onOpen: (id) => openIt({ type: "memory", id }),
    onOpenPerson: (id) => openIt({ type: "person", id }),
    onOpenSource,
    onForgotten: () => {
      look({ open: null });
      onForgotten();
    },
  };
  const panel =
    open && (open.type === "memory" ? <Detail id={open.id} {...detail} /> : <PersonDetail key={open.id} id={open.id} {...detail} />);
  // Of another day, or for another audience, only the list knows.
  const counted = audience === "owner" && asOf === "" ? stats : undefined;
  const chosen = open?.type === "memory" ? open.id : null;
  const onChoose = (id: MemoryId) => openIt({ type: "memory", id });

  return (
    <main
      className={styles.screen}
      aria-label={text.title}
      tabIndex={-1}
      data-testid="memory-screen"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented || isComposing(event.nativeEvent) || !open) return;
        event.preventDefault();
        close();
      }}
    >
      <div className={styles.main} ref={main}>
        <Bar lead={lead}>
          <h1 className={styles.title}>{text.title}</h1>
          <AsOf day={asOf} />
          <IconButton label={text.add} icon={Plus} onClick={() => setDialog("add")} data-testid="memory-add" />
          <Menu
            trigger={<IconButton label={text.moreActions} icon={Ellipsis} data-testid="memory-menu" />}
            items={[
              { label: text.receipts, icon: ReceiptText, onSelect: () => setDialog("receipts") },
              { label: text.forgetSpan, icon: CalendarX, danger: true, onSelect: () => setDialog("span") },
            ]}
          />
        </Bar>
        {asOf !== "" && (
          <p className={styles.banner} data-testid="as-of-banner">
            <span>{text.asOf.note(formatDay(asOf))}</span>
            <Button look="quiet" small onClick={() => look({ asOf: "" })}>
              {text.asOf.back}
            </Button>
          </p>
        )}
        {audience === "visitor" && <p className={styles.banner}>{text.asVisitor}</p>}
        <div className={styles.box}>
          <Tabs.Root className={styles.column} value={tab} onValueChange={(next) => look({ tab: next as Looking["tab"] })}>
            <div className={styles.tools}>
              <MemorySearch value={looking.text} />
              <Tabs.List className={styles.tabs} aria-label={text.tabsLabel}>
                {tabs.map((one) => (
                  <Tabs.Trigger key={one} value={one} className={styles.tab} data-testid={`memory-tab-${one}`}>
                    {text.tabs[one]} {counted && <i>{formatCount(countOf(counted, one))}</i>}
                  </Tabs.Trigger>
                ))}
              </Tabs.List>
            </div>
            <Filters looking={looking} stats={stats} people={people.data ?? []} />
            <Tabs.Content value={tab} className={styles.content} tabIndex={-1}>
              {view === "time" ? (
                <Timeline query={query} chosen={chosen} onChoose={onChoose} />
              ) : (
                <>
                  {tab === "social" && audience === "owner" && (
                    <People
                      people={people}
                      looking={looking}
                      chosen={open?.type === "person" ? open.id : null}
                      onChoose={(id) => openIt({ type: "person", id })}
                    />
                  )}
                  <Results found={found} looking={looking} chosen={chosen} onChoose={onChoose} onAdd={() => setDialog("add")} />
                </>
              )}
            </Tabs.Content>
          </Tabs.Root>
        </div>
      </div>
      {narrow ? (
        <Drawer open={panel !== null} onClose={close} side="end" title={text.title}>
          {panel}
        </Drawer>
      ) : (
        panel && (
          <aside className={styles.aside} aria-label={text.title}>
            {panel}
          </aside>
        )
      )}
      {dialog === "add" && (
        <AddDialog
          kind={tab === "all" ? "semantic" : tab}
          onClose={() => setDialog(null)}
          onAdded={(kind, id) => look({ tab: kind, open: { type: "memory", id } })}
        />
      )}
      {dialog === "receipts" && <ReceiptsDialog onClose={() => setDialog(null)} />}
      {dialog === "span" && <ForgetSpan onClose={() => setDialog(null)} onForgotten={detail.onForgotten} />}
    </main>
  );
}

/** How many hold today. */
const countOf = (stats: MemoryStats, tab: Looking["tab"]): number =>
  tab === "all" ? stats.semantic + stats.episodic + stats.procedural + stats.social : stats[tab];

function MemorySearch({ value }: { value: string }) {
  return (
    <SearchField
      label={text.search}
      framed
      className={styles.search}
      value={value}
      placeholder={text.search}
      onChange={(event) => look({ text: event.target.value })}
      onKeyDown={(event) => {
        // The first Esc empties the field, the next one closes what is open.
        if (event.key !== "Escape" || value === "" || isComposing(event.nativeEvent)) return;
        event.preventDefault();
        look({ text: "" });
      }}
      data-testid="memory-search"
    />
  );
}
