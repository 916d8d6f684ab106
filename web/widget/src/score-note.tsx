import { useRef, useState } from "react";
import { useLanguage } from "./language";
import { asProblem } from "./problem";
import type { ScoreActions } from "./score-actions";
import type { ScoreState } from "./types";
import { isFocusFree } from "./use-focus";

interface ScoreNoteProps {
  state: ScoreState;
  retry: ScoreActions["retry"];
  /** The button is gone then, and with it the place of whoever works by keyboard. */
  onRetried(): void;
}

/** Why a score has failed or is out of date, and what can be done about the former. */
export function ScoreNote({ state, retry, onRetried }: ScoreNoteProps) {
  const { t } = useLanguage();
  if (state.status === "stale") return <p className="scores-note">{t("staleReason")}</p>;
  const [before, after] = t("failedReason", { reason: "\n" }).split("\n");
  return (
    <div className="scores-note">
      <p>
        {before}
        <bdi>{state.reason ?? t("noReason")}</bdi>
        {after}
      </p>
      {retry && <Retry scoreType={state.scoreType} retry={retry} onRetried={onRetried} />}
    </div>
  );
}

interface RetryProps {
  scoreType: string;
  retry: NonNullable<ScoreActions["retry"]>;
  onRetried(): void;
}

function Retry({ scoreType, retry, onRetried }: RetryProps) {
  const { t } = useLanguage();
  const [isAsking, setAsking] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const ask = async () => {
    setAsking(true);
    setRefused(null);
    try {
      await retry(scoreType);
      if (isFocusFree(button.current)) onRetried();
    } catch (reason) {
      const problem = asProblem(reason);
      setRefused(problem.message || t(problem.kind));
    } finally {
      setAsking(false);
    }
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="scores-button"
        aria-label={t("retryOf", { scoreType })}
        aria-disabled={isAsking}
        onClick={() => !isAsking && void ask()}
      >
        {t("retry")}
      </button>
      {refused !== null && (
        <p role="alert" className="scores-refused">
          {t("retryFailed", { reason: refused })}
        </p>
      )}
    </>
  );
}
