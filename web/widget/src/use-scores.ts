import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { readScores } from "./answers";
import type { AskingSource } from "./config";
import { type Following, followScores } from "./follow";
import { asProblem, ScoresProblem } from "./problem";
import { NOTHING_KNOWN, reduceScores, type ScoresAction, type ScoresState } from "./state";
import type { ScoresHost } from "./types";
import { useLatest } from "./use-latest";

export interface FollowedScores {
  state: ScoresState;
  askNow(): void;
  /** Also after a refusal, which ends everything. */
  tryAgain(): void;
}

/** The scores of this record, as long as the component is there; another record takes another component. */
export function useFollowedScores(source: AskingSource, internalRecordId: string, host: ScoresHost): FollowedScores {
  const [state, dispatch] = useReducer(reduceScores, NOTHING_KNOWN);
  const [attempt, setAttempt] = useState(0);
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
    following.current = followScores({ ask, openEvents: streams ? openEvents : undefined }, tick, dispatch);
    return () => following.current?.stop();
  }, [internalRecordId, streams, attempt, latest]);
  const askNow = useCallback(() => following.current?.askNow(), []);
  const tryAgain = useCallback(() => setAttempt((before) => before + 1), []);
  return { state, askNow, tryAgain };
}

/** The scores that the host has loaded, whenever those change. */
export function useGivenScores(given: unknown): ScoresState {
  // hosts make their values anew with each rendering
  const written = JSON.stringify(given ?? []);
  const [seen, setSeen] = useState(() => ({ ...afterGiven(NOTHING_KNOWN, given, 1), written, asked: 1 }));
  if (seen.written === written) return seen;
  const asked = seen.asked + 1;
  const after = { ...afterGiven(seen, given, asked), written, asked };
  setSeen(after);
  return after;
}

function afterGiven(before: ScoresState, given: unknown, asked: number): ScoresState {
  return reduceScores(before, actionOf(given, asked));
}

function actionOf(given: unknown, asked: number): ScoresAction {
  try {
    return { type: "answered", asked, states: readScores(given ?? []) };
  } catch (reason) {
    return { type: "failed", asked, problem: asProblem(reason) };
  }
}
