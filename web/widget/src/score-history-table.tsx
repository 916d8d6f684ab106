import { Cause } from "./cells";
import { fewestDecimals } from "./decimals";
import { type HistoryLanguage, useHistoryLanguage } from "./score-history-format";
import type { Change } from "./score-history-points";
import type { ScoresHost } from "./types";

interface HistoryTableProps {
  scoreType: string;
  changes: readonly Change[];
  changeRequestHref?: ScoresHost["changeRequestHref"];
}

/** All changes, newest first; scrolls within its own box. */
export function HistoryTable({ scoreType, changes, changeRequestHref }: HistoryTableProps) {
  const language = useHistoryLanguage();
  const { t } = language;
  const decimals = fewestDecimals(changes.map(({ score }) => score));
  const caption = t("history.caption", { scoreType });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="scores-history-scroll" aria-label={caption} tabIndex={0}>
      <table className="scores-history-table">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t("history.computedAt")}</th>
            <th scope="col">{t("history.score")}</th>
            <th scope="col">{t("history.difference")}</th>
            <th scope="col">{t("history.cause")}</th>
          </tr>
        </thead>
        <tbody>
          {changes.toReversed().map((change) => (
            <HistoryRow
              key={change.x}
              language={language}
              decimals={decimals}
              change={change}
              changeRequestHref={changeRequestHref}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps extends Pick<HistoryTableProps, "changeRequestHref"> {
  change: Change;
  decimals: 0 | 2;
  language: HistoryLanguage;
}

function HistoryRow({ change, decimals, language, changeRequestHref }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <time dateTime={new Date(change.at).toISOString()}>{language.time(change.at)}</time>
      </th>
      <td>
        <bdi>{language.score(change.score, decimals)}</bdi>
      </td>
      <td>
        <Difference change={change} decimals={decimals} language={language} />
      </td>
      <td>
        <Cause t={language.t} state={change} hrefOf={changeRequestHref} />
      </td>
    </tr>
  );
}

function Difference({ change, decimals, language }: Pick<RowProps, "change" | "decimals" | "language">) {
  if (change.difference === null) return null;
  if (change.difference === 0) return language.t("history.unchanged");
  return <bdi>{language.difference(change.difference, decimals)}</bdi>;
}
