import { ChartNoAxesColumn, ChevronRight } from "lucide-react";
import { commands, type MonthUsage, type Spend } from "@/bindings";
import { Button } from "@/kit/button";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { Skeleton } from "@/kit/skeleton";
import { errorText, toWireError } from "@/lib/errors";
import { formatCount, formatDay, formatDollars, formatMonth } from "@/lib/format";
import { displayName, modelKey } from "@/lib/model";
import { useCatalogue } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { costInWords, isLowerBound } from "./cost";
import form from "./form.module.css";
import { useMonths, usePrices } from "./queries";
import own from "./settings-screen.module.css";
import styles from "./usage-section.module.css";

const text = words.usage;

export function UsageSection() {
  const months = useMonths();
  const dearest = Math.max(0, ...(months.data ?? []).map(({ total }) => total.dollars ?? 0));
  return (
    <>
      <div className={own.intro}>
        <h2>{text.title}</h2>
        <p>{text.text}</p>
      </div>
      {months.isPending && <Skeleton lines={4} />}
      {months.isError && (
        <Notice
          tone="danger"
          role="alert"
          title={text.failed}
          testId="usage-error"
          actions={
            <Button small onClick={() => void months.refetch()}>
              {words.problem.again}
            </Button>
          }
        >
          <ErrorText error={toWireError(months.error)} />
        </Notice>
      )}
      {months.data?.length === 0 && (
        <div className={styles.empty} data-testid="usage-empty">
          <ChartNoAxesColumn size={22} strokeWidth={1.6} aria-hidden />
          <p>{text.empty}</p>
          <p className={form.hint}>{text.emptyText}</p>
        </div>
      )}
      {months.data && months.data.length > 0 && (
        <div className={styles.months}>
          {months.data.map((month, place) => (
            <Month key={month.month} month={month} dearest={dearest} open={place === 0} />
          ))}
        </div>
      )}
      <Prices />
    </>
  );
}

function Month({ month: { month, total, models }, dearest, open }: { month: MonthUsage; dearest: number; open: boolean }) {
  const catalogue = useCatalogue(false).data;
  const name = formatMonth(month);
  const share = dearest > 0 ? (total.dollars ?? 0) / dearest : 0;
  return (
    <details className={styles.month} open={open || undefined} data-testid="usage-month" data-month={month}>
      <summary>
        <ChevronRight size={14} strokeWidth={2} aria-hidden />
        <span className={styles.name}>{name}</span>
        <svg className={styles.bar} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden>
          <rect className={styles.track} width="100" height="6" rx="1" />
          {share > 0 && <rect className={styles.fill} width={Math.max(1, share * 100)} height="6" rx="1" />}
        </svg>
        <span className={styles.answers}>{text.answers(total.answers)}</span>
        <b className={styles.cost}>{costInWords(total)}</b>
      </summary>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <caption className="visually-hidden">{text.table(name)}</caption>
          <thead>
            <tr>
              <th scope="col">{text.model}</th>
              <th scope="col">{text.input}</th>
              <th scope="col">{text.output}</th>
              <th scope="col">{text.cacheRead}</th>
              <th scope="col">{text.cacheWrite}</th>
              <th scope="col">{text.answersHead}</th>
              <th scope="col">{text.cost}</th>
            </tr>
          </thead>
          <tbody>
            {models.map(({ model, spend }) => (
              <tr key={modelKey(model)} data-testid="usage-model">
                <th scope="row" title={model.id}>
                  {displayName(catalogue, model)}
                  <span className={styles.from}>{model.server ?? words.provider[model.provider]}</span>
                </th>
                <Numbers spend={spend} />
              </tr>
            ))}
          </tbody>
          {models.length > 1 && (
            <tfoot>
              <tr>
                <th scope="row">{text.total}</th>
                <Numbers spend={total} />
              </tr>
            </tfoot>
          )}
        </table>
      </div>
      {total.unpriced > 0 && (
        <p className={styles.note} data-testid="usage-unpriced">
          {text.unpriced(total.unpriced)}
        </p>
      )}
    </details>
  );
}

function Numbers({ spend }: { spend: Spend }) {
  const { usage, answers, dollars } = spend;
  return (
    <>
      {[usage.input, usage.output, usage.cache_read, usage.cache_write].map((tokens, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: four columns, always the same
        <td key={at} className={tokens === 0 ? styles.none : undefined}>
          {tokens === 0 ? "–" : formatCount(tokens)}
        </td>
      ))}
      <td>{formatCount(answers)}</td>
      <td className={dollars === null ? styles.none : undefined}>
        {dollars !== null && isLowerBound(spend) ? <span dir="ltr">≥ {formatDollars(dollars)}</span> : costInWords(spend)}
      </td>
    </>
  );
}

function Prices() {
  const prices = usePrices();
  const open = () => commands.priceOpen().catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
  const view = prices.data;
  return (
    <section className={own.block} aria-labelledby="usage-prices" data-testid="prices">
      <div className={own.row}>
        <h3 id="usage-prices">{text.prices}</h3>
        <Button small onClick={() => void open()} data-testid="prices-edit">
          {text.edit}
        </Button>
      </div>
      {prices.isError && (
        <Notice tone="warn" title={text.failedPrices}>
          <ErrorText error={toWireError(prices.error)} />
        </Notice>
      )}
      {view?.problem && (
        <Notice tone="warn" title={text.pricesProblem} testId="prices-problem">
          <p>
            {text.pricesLine(view.problem.line)} {errorText(view.problem)}
          </p>
          <p>{text.pricesFallback}</p>
        </Notice>
      )}
      {view && (
        <>
          <p>{view.own ? text.pricesOwn(formatDay(view.as_of)) : text.pricesCame(formatDay(view.as_of))}</p>
          <dl className={own.facts}>
            <dt>{text.pricesSource}</dt>
            <dd className="selectable" dir="ltr">
              {view.source}
            </dd>
            <dt>{text.pricesFile}</dt>
            <dd className="selectable" dir="ltr">
              {view.path}
            </dd>
          </dl>
        </>
      )}
    </section>
  );
}
