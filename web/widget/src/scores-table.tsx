import type { Ref } from "react";
import { fewestDecimals } from "./decimals";
import { useLanguage } from "./language";
import type { ScoreActions } from "./score-actions";
import { ScoreRow } from "./score-row";
import type { ScoreState } from "./types";

interface ScoresTableProps {
  /** What the table is called. */
  label: string | undefined;
  states: readonly ScoreState[];
  actions: ScoreActions;
  ref?: Ref<HTMLTableElement>;
}

export function ScoresTable({ label, states, actions, ref }: ScoresTableProps) {
  const { t } = useLanguage();
  const decimals = fewestDecimals(states.flatMap(({ score }) => score?.value ?? []));
  return (
    <table className="scores-table" ref={ref} tabIndex={-1}>
      <caption className="scores-hidden">{label ?? t("caption")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("scoreType")}</th>
          <th scope="col" className="scores-number">
            {t("score")}
          </th>
          <th scope="col">{t("computedAt")}</th>
          <th scope="col">{t("changeRequest")}</th>
          {actions.loadHistory && (
            <th scope="col">
              <span className="scores-hidden">{t("details")}</span>
            </th>
          )}
        </tr>
      </thead>
      {states.map((state) => (
        <ScoreRow key={state.scoreType} state={state} decimals={decimals} actions={actions} />
      ))}
    </table>
  );
}
