import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { readScores } from "./answers";
import type { AskingSource } from "./config";
import { type Following, followScores } from "./follow";
import { asProblem, ScoresProblem } from "./problem";
import { NOTHING_KNOWN, reduceScores, type ScoresState } from "./state";
import type { ScoresHost } from "./types";
import { useLatest } from "./use-latest";

export interface FollowedScores {
  state: ScoresState;
  askNow(): void;
  /** Also after a refusal, which ends everything. */
  tryAgain(): void;
  /** From then on until there is an answer. */
  isTrying: boolean;
}

/** The scores of this record, as long as the component is there; another record takes another component. */
export function useFollowedScores(source: AskingSource, internalRecordId: string, host: ScoresHost): FollowedScores {
  const [state, dispatch] = useReducer(reduceScores, NOTHING_KNOWN);
  const [attempt, setAttempt] = useState(0);
  const [isTrying, setTrying] = useState(false);
  const latest = useLatest({ source, host });
  const ticks = useRef(0);
  const following = useRef<Following | null>(null);
  const streams = host.openEvents !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt begins anew
  useEffect(() => {
    const ask = async () => {
      const { service, endpoint, method, params, headers } = latest.current.source;
      const sent = { ...params, internal_record_id: internalRecordId };
      return readScores(await latest.current.host.handler?.(service, endpoint, method, sent, { headers }));
    };
    const openEvents: Parameters<typeof followScores>[0]["openEvents"] = async (options) => {
      const { openEvents } = latest.current.host;
      if (openEvents === undefined) throw new ScoresProblem("refused", "the host opens no events any more");
      return openEvents(internalRecordId, options);
    };
    const tick = () => {
      ticks.current += 1;
      return ticks.current;
    };
    following.current = followScores({ ask, openEvents: streams ? openEvents : undefined }, tick, (action) => {
      dispatch(action);
      if (action.type !== "heard") setTrying(false);
    });
    return () => following.current?.stop();
  }, [internalRecordId, streams, attempt, latest]);
  const askNow = useCallback(() => following.current?.askNow(), []);
  const tryAgain = useCallback(() => {
    setAttempt((before) => before + 1);
    setTrying(true);
  }, []);
  return { state, askNow, tryAgain, isTrying };
}

/** The scores that the host has loaded, whenever those change; while it has given nothing, they are still to come. */
export function useGivenScores(given: unknown): ScoresState {
  // hosts make their values anew with each rendering
  const written = JSON.stringify(given);
  const [seen, setSeen] = useState(() => ({ state: afterGiven(NOTHING_KNOWN, given), written }));
  if (seen.written === written) return seen.state;
  const state = afterGiven(seen.state, given);
  setSeen({ state, written });
  return state;
}

/** What is given is the whole truth: the scores before may be another record's. */
function afterGiven(before: ScoresState, given: unknown): ScoresState {
  const { news, newsCount } = before;
  if (given === undefined) return { ...NOTHING_KNOWN, newsCount };
  try {
    return reduceScores(before, { type: "given", states: readScores(given) });
  } catch (reason) {
    return { ...NOTHING_KNOWN, news, newsCount, problem: asProblem(reason) };
  }
}
