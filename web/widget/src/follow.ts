/** Follows a record's scores: by its event stream where there is one, by asking wherever that leaves a gap. */

import { Asking } from "./asking";
import type { ScoresAction } from "./state";
import { type OpenEvents, Streaming } from "./streaming";
import type { ScoreState } from "./types";

export interface Sources {
  /** Raises what `asProblem` understands. */
  ask(): Promise<ScoreState[]>;
  openEvents?: OpenEvents | undefined;
}

export interface Following {
  askNow(): void;
  stop(): void;
}

/** Tells `dispatch` of all that happens, until it is stopped or refused. */
export function followScores(
  sources: Sources,
  tick: () => number,
  dispatch: (action: ScoresAction) => void,
): Following {
  const life = new AbortController();
  const stop = () => life.abort();
  const asking = new Asking(sources.ask, { tick, dispatch, onRefused: stop, onRecovered: () => streaming?.now() });
  const { openEvents } = sources;
  const streaming =
    openEvents &&
    new Streaming(openEvents, {
      onEvent: (state) => {
        if (!life.signal.aborted) dispatch({ type: "heard", heard: tick(), state });
      },
      onLive: (isLive) => asking.setLive(isLive),
      onRefused: (problem) => {
        dispatch({ type: "failed", asked: tick(), problem });
        stop();
      },
    });
  const wake = () => {
    asking.now();
    streaming?.now();
  };
  const onSeen = (isSeen: boolean) => {
    streaming?.setSeen(isSeen);
    if (isSeen) wake();
  };
  document.addEventListener("visibilitychange", () => onSeen(!document.hidden), { signal: life.signal });
  window.addEventListener("online", wake, { signal: life.signal });
  void asking.run(life.signal);
  void streaming?.run(life.signal);
  return { askNow: () => asking.now(), stop };
}
