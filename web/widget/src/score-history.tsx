import { useId, useMemo } from "react";
import { fewestDecimals } from "./decimals";
import { TextsProvider } from "./language";
import type { HeadingLevel } from "./score-actions";
import { HistoryChart } from "./score-history-chart";
import { type HistoryLanguage, useHistoryLanguage } from "./score-history-format";
import { type Change, changesOf, placesOf } from "./score-history-points";
import { HistoryTable } from "./score-history-table";
import type { PastScore, ScoresHost } from "./types";
import { useTick } from "./use-tick";

const NOW_MOVES_MS = 60_000;

export interface ScoreHistoryProps {
  scoreType: string;
  /** In any order. */
  points: readonly PastScore[];
  changeRequestHref?: ScoresHost["changeRequestHref"];
  headingLevel?: HeadingLevel | undefined;
}

/** A score type's past: a step chart with a marker at each change, and the same as a table behind a disclosure. */
export function ScoreHistory(props: ScoreHistoryProps) {
  return (
    <TextsProvider>
      <History {...props} />
    </TextsProvider>
  );
}

export default ScoreHistory;

function History({ scoreType, points, changeRequestHref, headingLevel = 4 }: ScoreHistoryProps) {
  const language = useHistoryLanguage();
  const { t, direction } = language;
  const changes = useMemo(() => changesOf(points), [points]);
  const tick = useTick(NOW_MOVES_MS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the present moves on
  const places = useMemo(() => placesOf(changes, Date.now()), [changes, tick]);
  const headingId = useId();
  const Heading = `h${headingLevel}` as const;
  return (
    <section className="scores-history" aria-labelledby={headingId} dir={direction}>
      <Heading id={headingId} className="scores-history-title">
        {t("history.title", { scoreType })}
      </Heading>
      {changes.length === 0 ? (
        <p>{t("history.empty")}</p>
      ) : (
        <>
          <HistoryChart places={places} summary={summaryOf(scoreType, changes, language)} />
          <details className="scores-history-details">
            <summary>{t("history.asTable")}</summary>
            <HistoryTable scoreType={scoreType} changes={changes} changeRequestHref={changeRequestHref} />
          </details>
        </>
      )}
    </section>
  );
}

function summaryOf(scoreType: string, changes: readonly Change[], { t, score, time }: HistoryLanguage): string {
  const scores = changes.map((change) => change.score);
  const decimals = fewestDecimals(scores);
  return t(changes.length === 1 ? "history.summaryOfOne" : "history.summary", {
    scoreType,
    changes: changes.length,
    from: time(changes[0]?.at ?? Number.NaN),
    lowest: score(Math.min(...scores), decimals),
    highest: score(Math.max(...scores), decimals),
    last: score(scores.at(-1) ?? Number.NaN, decimals),
  });
}
