import { useId, useRef, useState } from "react";
import { Badge, Cause, Time, Value } from "./cells";
import { HistoryPanel } from "./history-panel";
import { useLanguage } from "./language";
import type { ScoreActions } from "./score-actions";
import { ScoreNote } from "./score-note";
import type { ScoreState } from "./types";

interface ScoreRowProps {
  state: ScoreState;
  /** The fewest, in all of the table. */
  decimals: 0 | 2;
  actions: ScoreActions;
}

/** One score type: its row, and under it why it failed and its history, where these are shown. */
export function ScoreRow({ state, decimals, actions }: ScoreRowProps) {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const header = useRef<HTMLTableCellElement>(null);
  const historyId = useId();
  const { scoreType, status, score } = state;
  const hasHistory = actions.loadHistory !== undefined;
  const columns = hasHistory ? 5 : 4;
  return (
    <tbody className="scores-row" data-status={status}>
      <tr>
        <th scope="row" ref={header} tabIndex={-1}>
          <bdi>{scoreType}</bdi> <Badge state={state} />
        </th>
        <td data-label={t("score")} className="scores-number">
          <Value state={state} decimals={decimals} />
        </td>
        <td data-label={t("computedAt")}>
          <Time state={state} />
        </td>
        <td data-label={t("changeRequest")}>
          <Cause t={t} state={state} hrefOf={actions.changeRequestHref} />
        </td>
        {hasHistory && (
          <td className="scores-actions">
            {score && (
              <button
                type="button"
                className="scores-button"
                aria-expanded={isOpen}
                aria-controls={isOpen ? historyId : undefined}
                aria-label={t("showHistory", { scoreType })}
                onClick={() => setOpen(!isOpen)}
              >
                {t("historyShort")}
              </button>
            )}
          </td>
        )}
      </tr>
      {(status === "failed" || status === "stale") && (
        <tr className="scores-detail">
          <td colSpan={columns}>
            <ScoreNote state={state} retry={actions.retry} onRetried={() => header.current?.focus()} />
          </td>
        </tr>
      )}
      {isOpen && score && (
        <tr className="scores-detail" id={historyId}>
          <td colSpan={columns}>
            <HistoryPanel scoreType={scoreType} version={`${state.sequence} ${score.computedAt}`} actions={actions} />
          </td>
        </tr>
      )}
    </tbody>
  );
}
