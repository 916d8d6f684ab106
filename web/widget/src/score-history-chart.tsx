import { useMemo } from "react";
import { CartesianGrid, type DotItemDotProps, Line, LineChart, Tooltip, XAxis, YAxis } from "recharts";
import { Cause } from "./cells";
import { useHistoryLanguage } from "./score-history-format";
import type { Place } from "./score-history-points";
import { timeTicks } from "./score-history-ticks";

const MARGIN = { top: 20, right: 12, bottom: 4, left: 12 };

interface HistoryChartProps {
  places: readonly Place[];
  /** The picture in a sentence, for those who do not see it. */
  summary: string;
}

/** The steps of a score over time. In languages read from right to left, time runs from right to left. */
export function HistoryChart({ places, summary }: HistoryChartProps) {
  const { mark, tick, direction } = useHistoryLanguage();
  const [from, to] = [places[0]?.x ?? 0, places.at(-1)?.x ?? 0];
  const ticks = useMemo(() => timeTicks(from, to), [from, to]);
  const isMirrored = direction === "rtl";
  return (
    <div className="scores-history-chart">
      <LineChart responsive role="img" aria-label={summary} data={places} margin={MARGIN} accessibilityLayer>
        <CartesianGrid className="scores-history-grid" vertical={false} />
        <XAxis
          dataKey="x"
          type="number"
          scale="time"
          domain={[from, to]}
          ticks={ticks.at}
          tickFormatter={(at: number) => tick(ticks.part, at)}
          interval="equidistantPreserveStart"
          minTickGap={12}
          reversed={isMirrored}
        />
        <YAxis
          domain={["auto", "auto"]}
          tickFormatter={mark}
          width="auto"
          orientation={isMirrored ? "right" : "left"}
        />
        <Tooltip isAnimationActive={false} content={TooltipOfPlace} />
        <Line
          className="scores-history-line"
          type="stepAfter"
          dataKey="score"
          dot={Marker}
          activeDot={{ className: "scores-history-active", r: 6 }}
          isAnimationActive={false}
        />
      </LineChart>
    </div>
  );
}

/** Round for change requests, a diamond for what came in at intake, with its id where there is room. */
function Marker({ cx = 0, cy = 0, payload }: DotItemDotProps) {
  const { direction } = useHistoryLanguage();
  const { change, hasMarker, label }: Place = payload;
  if (!hasMarker) return null;
  const isSubmission = change.changeRequestId === "" && change.submissionId !== "";
  const [beside, anchor] = direction === "rtl" ? [cx - 7, "end" as const] : [cx + 7, "start" as const];
  return (
    <g>
      {isSubmission ? (
        <path className="scores-history-marker" d={`M${cx} ${cy - 5}l5 5l-5 5l-5-5z`} />
      ) : (
        <circle className="scores-history-marker" cx={cx} cy={cy} r={4} />
      )}
      {label !== null && (
        // the line goes on below it
        <text className="scores-history-label" x={beside} y={cy - 7} textAnchor={anchor} direction="ltr">
          {label}
        </text>
      )}
    </g>
  );
}

function TooltipOfPlace({ payload }: { payload?: readonly { payload?: Place }[] }) {
  const { t, score, time, direction } = useHistoryLanguage();
  const place = payload?.[0]?.payload;
  if (place === undefined) return null;
  const at = time(place.change.at);
  return (
    <div className="scores-history-tooltip" role="status" dir={direction}>
      <strong>
        <bdi>{score(place.score)}</bdi>
      </strong>
      <div>{place.isNow ? t("history.now", { from: at }) : at}</div>
      <div>
        {t("history.cause")}: <Cause t={t} state={place.change} />
      </div>
    </div>
  );
}
