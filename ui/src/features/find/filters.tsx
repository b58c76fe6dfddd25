import { ArrowDownUp, MessageCircle, UserRound } from "lucide-react";
import type { ReactNode } from "react";
import type { Audience, Role, Session } from "@/bindings";
import { Button } from "@/kit/button";
import { ChoiceMenu } from "@/kit/choice-menu";
import { PickMenu } from "@/kit/pick-menu";
import { TimeMenu } from "@/kit/time-menu";
import { usePersona } from "@/lib/query";
import { words } from "@/lib/words";
import styles from "./filters.module.css";
import { type Finding, filtered, noFilters, writeFind } from "./state";

const text = words.find;

type FiltersProps = { finding: Finding; session: Session | null; sessions: Session[]; audience: Audience; children: ReactNode };

export function Filters({ finding, session, sessions, audience, children }: FiltersProps) {
  const { order, role } = finding;
  const twin = usePersona().data?.name ?? words.app.yourTwin;
  const titled = (one: Session) => one.title || words.sessions.untitled;
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
      <PickMenu
        label={text.chat}
        icon={MessageCircle}
        chosen={session && titled(session)}
        none={text.chatAny}
        clear={() => writeFind({ session: null })}
        options={sessions.map((one) => ({ id: one.id, title: titled(one) }))}
        onPick={(id) => writeFind({ session: id })}
        search={text.chatSearch}
        nothing={text.chatNone}
        testId="find-chat"
      />
      <TimeMenu label={text.when} span={finding} onChange={writeFind} testId="find" />
      {filtered(finding) && (
        <Button look="quiet" small onClick={() => writeFind(noFilters)} data-testid="find-clear-filters">
          {text.clearFilters}
        </Button>
      )}
      {children}
    </div>
  );
}
