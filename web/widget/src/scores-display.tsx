import { useMemo } from "react";
import { type AskingSource, type GivenSource, readConfig } from "./config";
import { Empty, Loading, Misconfigured, Refused } from "./faces";
import { asksHistory, fetchHistory } from "./history-source";
import { TextsProvider, useLanguage } from "./language";
import { News } from "./news";
import { hostValueAt, recordIdAt } from "./paths";
import { fieldOf } from "./problem";
import type { HeadingLevel, ScoreActions } from "./score-actions";
import { ScoresTable } from "./scores-table";
import { listStates, type ScoresState } from "./state";
import type { ScoresHost } from "./types";
import { useFocusWhenMended } from "./use-focus";
import { useFollowedScores, useGivenScores } from "./use-scores";

export interface ScoresDisplayProps {
  /** A ScoresDisplayConfig, as it stands in a UI schema; what is wrong with it is told in the widget's place. */
  config: object;
  host: ScoresHost;
  /** Of the histories' titles, one below the title that stands above the widget. */
  headingLevel?: HeadingLevel | undefined;
}

/** All computed scores of a record, as they change. */
export function ScoresDisplay(props: ScoresDisplayProps) {
  return (
    <TextsProvider>
      <Widget {...props} />
    </TextsProvider>
  );
}

function Widget(props: ScoresDisplayProps) {
  const { direction } = useLanguage();
  return (
    <div className="scores-display" dir={direction}>
      <Configured {...props} />
    </div>
  );
}

function Configured({ config, host, headingLevel = 4 }: ScoresDisplayProps) {
  const { t } = useLanguage();
  const source = useMemo(() => readConfig(config), [config]);
  if (source.kind === "misconfigured") return <Misconfigured problems={source.problems} />;
  const common = { host, headingLevel, label: labelOf(config) };
  if (source.kind === "given") return <GivenScores source={source} {...common} />;
  if (host.handler === undefined) return <Misconfigured problems={[NO_HANDLER]} />;
  const recordId = recordIdAt(host, source.recordIdPath);
  if (recordId === undefined) return <Empty>{t("noRecord", { path: source.recordIdPath })}</Empty>;
  return <AskedScores key={JSON.stringify([source, recordId])} source={source} recordId={recordId} {...common} />;
}

function labelOf(config: object): string | undefined {
  const label = fieldOf(config, "widget-label");
  return typeof label === "string" && label !== "" ? label : undefined;
}

const NO_HANDLER =
  "the host passes no handler, through which the widget asks for scores: pass `handler` in `host`, or `dataSourceRequestHandler`";

interface CommonProps {
  host: ScoresHost;
  headingLevel: HeadingLevel;
  label: string | undefined;
}

function GivenScores({ source, host, headingLevel, label }: CommonProps & { source: GivenSource }) {
  const state = useGivenScores(hostValueAt(host, source.path));
  const actions = { changeRequestHref: host.changeRequestHref, headingLevel };
  return <Scores state={state} actions={actions} label={label} />;
}

interface AskedScoresProps extends CommonProps {
  source: AskingSource;
  recordId: string;
}

function AskedScores({ source, recordId, host, headingLevel, label }: AskedScoresProps) {
  const { state, askNow, tryAgain, isTrying } = useFollowedScores(source, recordId, host);
  const { handler, onRetry, changeRequestHref } = host;
  const actions = useMemo<ScoreActions>(
    () => ({
      loadHistory:
        handler && asksHistory(source) ? (scoreType) => fetchHistory(handler, source, recordId, scoreType) : undefined,
      retry:
        onRetry &&
        (async (scoreType) => {
          await onRetry(recordId, scoreType);
          askNow();
        }),
      changeRequestHref,
      headingLevel,
    }),
    [handler, onRetry, changeRequestHref, headingLevel, source, recordId, askNow],
  );
  return <Scores state={state} actions={actions} label={label} onTryAgain={tryAgain} isTrying={isTrying} />;
}

interface ScoresProps {
  state: ScoresState;
  actions: ScoreActions;
  label: string | undefined;
  onTryAgain?: () => void;
  isTrying?: boolean;
}

function Scores({ state, actions, label, onTryAgain, isTrying = false }: ScoresProps) {
  const { t } = useLanguage();
  const states = listStates(state);
  const isShown = states.length > 0;
  const { problem, answered } = state;
  const place = useFocusWhenMended<HTMLTableElement & HTMLParagraphElement>(isTrying, problem === null);
  return (
    <>
      <News state={state} />
      {problem && (
        <Refused problem={problem} onTryAgain={onTryAgain} isTrying={isTrying}>
          {isShown && <p>{t("olderScores")}</p>}
        </Refused>
      )}
      {isShown && <ScoresTable ref={place} label={label} states={states} actions={actions} />}
      {!isShown && !problem && answered === 0 && <Loading>{t("loading")}</Loading>}
      {!isShown && !problem && answered > 0 && <Empty ref={place}>{t("empty")}</Empty>}
    </>
  );
}
