import { ArrowDownUp, CalendarDays, ChevronDown, MessageCircle, UserRound } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Audience, Role, Session } from "@/bindings";
import { Button } from "@/kit/button";
import { ChoiceMenu } from "@/kit/choice-menu";
import menu from "@/kit/choice-menu.module.css";
import { classNames } from "@/kit/class-names";
import { type Pick, PickList } from "@/kit/pick-list";
import { Popover } from "@/kit/popover";
import { fitOf, fold } from "@/lib/fuzzy";
import { usePersona } from "@/lib/query";
import { words } from "@/lib/words";
import styles from "./filters.module.css";
import { type Finding, filtered, noFilters, type Time, writeFind } from "./state";

const text = words.find;
const times = Object.entries(text.times) as [Time, string][];
const shown = 60;

type FiltersProps = { finding: Finding; session: Session | null; sessions: Session[]; audience: Audience; children: ReactNode };

export function Filters({ finding, session, sessions, audience, children }: FiltersProps) {
  const { order, role, time, from, to } = finding;
  const twin = usePersona().data?.name ?? words.app.yourTwin;
  return (
    <div className={styles.filters} role="toolbar" aria-label={text.short}>
      <ChoiceMenu
        label={text.order}
        icon={ArrowDownUp}
        value={order}
        options={[
          { value: "newest", label: text.orders.newest },
          { value: "best", label: text.orders.best },
        ]}
        onChange={(next) => writeFind({ order: next })}
        testId="find-order"
      />
      <ChoiceMenu<Role | "any">
        label={text.who}
        icon={UserRound}
        set={role !== null}
        value={role ?? "any"}
        options={[
          { value: "any", label: text.whoAny },
          { value: "user", label: audience === "owner" ? text.me : text.visitor },
          { value: "assistant", label: twin },
        ]}
        onChange={(next) => writeFind({ role: next === "any" ? null : next })}
        testId="find-who"
      />
      <ChatFilter session={session} sessions={sessions} />
      <ChoiceMenu<Time>
        label={text.when}
        icon={CalendarDays}
        set={time !== "any"}
        value={time}
        options={times.map(([value, label]) => ({ value, label }))}
        onChange={(next) => writeFind({ time: next })}
        testId="find-when"
      />
      {time === "own" && (
        <span className={styles.dates}>
          <DateField label={text.from} value={from} max={to} onChange={(next) => writeFind({ from: next })} testId="find-from" />
          <DateField label={text.to} value={to} min={from} onChange={(next) => writeFind({ to: next })} testId="find-to" />
        </span>
      )}
      {filtered(finding) && (
        <Button look="quiet" small onClick={() => writeFind(noFilters)} data-testid="find-clear-filters">
          {text.clearFilters}
        </Button>
      )}
      {children}
    </div>
  );
}

type DateProps = { label: string; value: string; min?: string; max?: string; onChange: (value: string) => void; testId: string };

function DateField({ label, value, min, max, onChange, testId }: DateProps) {
  return (
    <label className={styles.date}>
      {label}
      <input
        type="date"
        value={value}
        min={min || undefined}
        max={max || undefined}
        onChange={(event) => onChange(event.target.value)}
        data-testid={testId}
      />
    </label>
  );
}

/** One chat out of thousands: typed, not scrolled to. */
function ChatFilter({ session, sessions }: Omit<FiltersProps, "finding" | "audience" | "children">) {
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  const choose = (id: string | null) => {
    setOpen(false);
    writeFind({ session: id });
  };
  const wanted = fold(query.trim());
  const fitting = sessions
    .flatMap((one) => {
      const rank = fitOf(wanted, fold(one.title));
      return rank === null ? [] : [{ one, rank }];
    })
    .sort((a, b) => b.rank - a.rank)
    .slice(0, shown);
  const chats: Pick[] = fitting.map(({ one }) => ({ id: one.id, title: one.title || words.sessions.untitled, run: () => choose(one.id) }));
  const any: Pick = { id: "", title: text.chatAny, run: () => choose(null) };
  return (
    <Popover
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setQuery("");
      }}
      label={text.chat}
      testId="find-chats"
      trigger={
        <button type="button" className={classNames(menu.choice, session && menu.set, styles.chat)} data-testid="find-chat">
          <MessageCircle size={14} strokeWidth={1.8} aria-hidden />
          <span className="visually-hidden">{text.chat}</span>
          <span className={menu.value} dir="auto">
            {session ? session.title || words.sessions.untitled : text.chatAny}
          </span>
          <ChevronDown size={13} strokeWidth={2} aria-hidden />
        </button>
      }
    >
      <PickList
        label={text.chatSearch}
        listLabel={text.chat}
        placeholder={text.chatSearch}
        query={query}
        onQuery={setQuery}
        groups={[{ name: text.chat, picks: wanted ? chats : [any, ...chats] }].filter(({ picks }) => picks.length > 0)}
        nothing={text.chatNone}
        status={words.combobox.count(fitting.length)}
        testId="find-chat-field"
      />
    </Popover>
  );
}
