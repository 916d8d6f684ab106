import { Component, type ReactNode, Suspense, useEffect, useState } from "react";
import { Loading, Refused } from "./faces";
import { MOST_POINTS, type ScoreHistory } from "./history-source";
import { type Texts, useLanguage } from "./language";
import { asProblem, ScoresProblem } from "./problem";
import type { ScoreActions } from "./score-actions";
import { LazyScoreHistory, loadAnew } from "./score-history-lazy";
import { useFocusWhenMended } from "./use-focus";
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
  const { history, problem, tryAgain, isTrying } = useHistory(scoreType, version, actions);
  const place = useFocusWhenMended<HTMLDivElement>(isTrying, problem === null);
  const [Loaded, setLoaded] = useState(() => LazyScoreHistory);
  const loadChart = () => {
    setLoaded(() => loadAnew());
    // the button goes at once
    place.current?.focus();
  };
  if (history === null && problem === null) return <Loading>{t("historyLoading")}</Loading>;
  return (
    <div ref={place} tabIndex={-1}>
      {problem && <Refused problem={problem} title={titleOf(problem, t)} onTryAgain={tryAgain} isTrying={isTrying} />}
      {history && (
        <Unloadable title={t("historyProblem")} onTryAgain={loadChart}>
          <Suspense fallback={<Loading>{t("historyLoading")}</Loading>}>
            <Loaded
              scoreType={scoreType}
              points={history.points}
              changeRequestHref={actions.changeRequestHref}
              headingLevel={actions.headingLevel}
            />
          </Suspense>
          {history.isCut && <p className="scores-note">{t("historyCut", { limit: MOST_POINTS })}</p>}
        </Unloadable>
      )}
    </div>
  );
}

function titleOf({ kind }: ScoresProblem, t: Texts): string {
  return t(kind === "forbidden" ? "historyForbidden" : "historyProblem");
}

function useHistory(scoreType: string, version: string, { loadHistory }: ScoreActions) {
  const [history, setHistory] = useState<ScoreHistory | null>(null);
  const [problem, setProblem] = useState<ScoresProblem | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [isTrying, setTrying] = useState(false);
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
      if (!isOver) setTrying(false);
    };
    void load();
    return () => {
      isOver = true;
    };
  }, [scoreType, version, attempt, latest]);
  const tryAgain = () => {
    setAttempt((before) => before + 1);
    setTrying(true);
  };
  return { history, problem, tryAgain, isTrying };
}

interface UnloadableProps {
  title: string;
  onTryAgain(): void;
  children: ReactNode;
}

/** The chart is a file of its own, which may not come: after the host's next release, or without a network. */
class Unloadable extends Component<UnloadableProps, { problem: ScoresProblem | null }> {
  override state = { problem: null };

  tryAgain = () => {
    this.props.onTryAgain();
    this.setState({ problem: null });
  };

  static getDerivedStateFromError(reason: unknown) {
    return { problem: new ScoresProblem("unreachable", reason instanceof Error ? reason.message : String(reason)) };
  }

  override render() {
    const { problem } = this.state;
    const { title, children } = this.props;
    return problem === null ? children : <Refused problem={problem} title={title} onTryAgain={this.tryAgain} />;
  }
}
