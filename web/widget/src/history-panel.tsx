import { Component, type ReactNode, Suspense, useEffect, useState } from "react";
import { Loading, Refused } from "./faces";
import { MOST_POINTS, type ScoreHistory } from "./history-source";
import { useLanguage } from "./language";
import { asProblem, ScoresProblem } from "./problem";
import type { ScoreActions } from "./score-actions";
import { LazyScoreHistory } from "./score-history-lazy";
import { useLatest } from "./use-latest";

interface HistoryPanelProps {
  scoreType: string;
  /** Another value for each newer score: then the history is asked for again. */
  version: string;
  actions: ScoreActions;
}

/** A score's history, newly asked for whenever there is a newer score; the one before stays in sight meanwhile. */
export function HistoryPanel({ scoreType, version, actions }: HistoryPanelProps) {
  const { t } = useLanguage();
  const { history, problem, tryAgain } = useHistory(scoreType, version, actions);
  if (history === null && problem === null) return <Loading>{t("historyLoading")}</Loading>;
  return (
    <>
      {problem && <Refused problem={problem} title={t("historyProblem")} onTryAgain={tryAgain} />}
      {history && (
        <Unloadable title={t("historyProblem")}>
          <Suspense fallback={<Loading>{t("historyLoading")}</Loading>}>
            <LazyScoreHistory
              scoreType={scoreType}
              points={history.points}
              changeRequestHref={actions.changeRequestHref}
              headingLevel={actions.headingLevel}
            />
          </Suspense>
          {history.isCut && <p className="scores-note">{t("historyCut", { limit: MOST_POINTS })}</p>}
        </Unloadable>
      )}
    </>
  );
}

function useHistory(scoreType: string, version: string, { loadHistory }: ScoreActions) {
  const [history, setHistory] = useState<ScoreHistory | null>(null);
  const [problem, setProblem] = useState<ScoresProblem | null>(null);
  const [attempt, setAttempt] = useState(0);
  // hosts make their handlers anew with each rendering
  const latest = useLatest(loadHistory);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newer score and another attempt ask again
  useEffect(() => {
    let isOver = false;
    const load = async () => {
      try {
        const loaded = await latest.current?.(scoreType);
        if (isOver) return;
        setHistory(loaded ?? null);
        setProblem(null);
      } catch (reason) {
        if (!isOver) setProblem(asProblem(reason));
      }
    };
    void load();
    return () => {
      isOver = true;
    };
  }, [scoreType, version, attempt, latest]);
  return { history, problem, tryAgain: () => setAttempt((before) => before + 1) };
}

/** The chart is a file of its own, which may not come: after the host's next release, or without a network. */
class Unloadable extends Component<{ title: string; children: ReactNode }, { problem: ScoresProblem | null }> {
  override state = { problem: null };

  static getDerivedStateFromError(reason: unknown) {
    return { problem: new ScoresProblem("unreachable", reason instanceof Error ? reason.message : String(reason)) };
  }

  override render() {
    const { problem } = this.state;
    return problem === null ? this.props.children : <Refused problem={problem} title={this.props.title} />;
  }
}
