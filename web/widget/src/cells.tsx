import { type Language, type Texts, useLanguage } from "./language";
import type { ScoreActions } from "./score-actions";
import type { ScoreState } from "./types";

/** How a score stands, where it is not simply the current one. */
export function Badge({ state }: { state: ScoreState }) {
  const { t } = useLanguage();
  if (state.status === "current") return null;
  const text = state.status === "pending" && state.score === undefined ? "firstPending" : state.status;
  return (
    <span className="scores-badge" data-status={state.status}>
      {state.status === "pending" && <span className="scores-spinner" aria-hidden="true" />}
      {t(text)}
    </span>
  );
}

export function Value({ state, decimals }: { state: ScoreState; decimals: 0 | 2 }) {
  const { t, score } = useLanguage();
  if (state.score === undefined) return <span className="scores-muted">{t("noScoreYet")}</span>;
  const { value } = state.score;
  return (
    <data value={value} title={String(value)} className="scores-value">
      <bdi>{score(value, decimals)}</bdi>
    </data>
  );
}

export function Time({ state }: { state: ScoreState }) {
  const language = useLanguage();
  if (state.score !== undefined) return <Moment at={state.score.computedAt} language={language} />;
  if (state.requestedAt === undefined) return "–";
  const [before, after] = language.t("askedAt", { time: "\n" }).split("\n");
  return (
    <span className="scores-muted">
      {before}
      <Moment at={state.requestedAt} language={language} />
      {after}
    </span>
  );
}

function Moment({ at, language }: { at: string; language: Language }) {
  return <time dateTime={at}>{language.time(at)}</time>;
}

interface CauseProps {
  state: Pick<ScoreState, "changeRequestId" | "submissionId">;
  hrefOf?: ScoreActions["changeRequestHref"];
  /** Passed, as a history has hundreds of these. */
  t: Texts;
}

/** The change request that caused the score, or the intake submission that did in its place. */
export function Cause({ state, hrefOf, t }: CauseProps) {
  const { changeRequestId, submissionId } = state;
  if (changeRequestId === "") {
    if (submissionId === "") return "–";
    const [before, after] = t("submission", { id: "\n" }).split("\n");
    return (
      <span>
        {before}
        <bdi className="scores-id">{submissionId}</bdi>
        {after}
      </span>
    );
  }
  const href = hrefOf?.(changeRequestId);
  const id = <bdi className="scores-id">{changeRequestId}</bdi>;
  return href === undefined ? id : <a href={href}>{id}</a>;
}
