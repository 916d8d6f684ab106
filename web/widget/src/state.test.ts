import { describe, expect, it } from "vitest";
import { ScoresProblem } from "./problem";
import { listStates, NOTHING_KNOWN, reduceScores, type ScoresAction } from "./state";
import type { ScoreState } from "./types";

function aState(changes: Partial<ScoreState> = {}): ScoreState {
  return {
    scoreType: "PMT_SCORE",
    status: "current",
    reason: undefined,
    changeRequestId: "CR-1",
    submissionId: "",
    score: { value: 10, computedAt: "2026-11-21T12:00:00Z" },
    sequence: 1,
    ...changes,
  };
}

const answered = (asked: number, ...states: ScoreState[]): ScoresAction => ({ type: "answered", asked, states });
const heard = (at: number, state: ScoreState): ScoresAction => ({ type: "heard", heard: at, state });
const stateAfter = (...actions: ScoresAction[]) => actions.reduce(reduceScores, NOTHING_KNOWN);
const UNREACHABLE = new ScoresProblem("unreachable", "");

describe("what is shown", () => {
  it("a newer score stays, whatever arrives later", () => {
    const newer = aState({ sequence: 2, score: { value: 20, computedAt: "2026-11-21T12:01:00Z" } });

    const state = stateAfter(answered(1, newer), answered(2, aState()), heard(3, aState()));

    expect(listStates(state)).toEqual([newer]);
  });

  it("of one and the same score, the later word counts", () => {
    const pending = aState({ status: "pending" });

    expect(listStates(stateAfter(answered(1, aState()), heard(2, pending)))).toEqual([pending]);
  });

  it("an answer that was asked for before an event does not undo it", () => {
    const pending = aState({ status: "pending" });

    expect(listStates(stateAfter(answered(1, aState()), heard(3, pending), answered(2, aState())))).toEqual([pending]);
  });

  it("an answer that was overtaken by a later one counts for nothing", () => {
    const other = aState({ scoreType: "FSF_SCORE" });

    expect(listStates(stateAfter(answered(2, aState()), answered(1, aState({ status: "stale" }), other)))).toEqual([
      aState(),
    ]);
  });

  it("without sequences, the later word counts", () => {
    const unnumbered = aState({ sequence: undefined, score: { value: 5, computedAt: "2020-01-01T00:00:00Z" } });

    expect(listStates(stateAfter(answered(1, aState()), answered(2, unnumbered)))).toEqual([unnumbered]);
  });

  it("a score comes after none", () => {
    const none = aState({ status: "pending", score: undefined, sequence: 0 });

    expect(listStates(stateAfter(heard(1, aState()), answered(2, none)))).toEqual([aState()]);
  });

  it("a score type that an answer does not tell of is gone, unless it came after that was asked for", () => {
    const other = aState({ scoreType: "FSF_SCORE" });

    expect(listStates(stateAfter(answered(1, aState(), other), answered(2, aState())))).toEqual([aState()]);
    expect(listStates(stateAfter(answered(1, aState()), heard(3, other), answered(2, aState())))).toEqual([
      other,
      aState(),
    ]);
  });

  it("score types stand in the order of their names", () => {
    const state = stateAfter(answered(1, aState({ scoreType: "Z" }), aState({ scoreType: "A" })));

    expect(listStates(state).map((one) => one.scoreType)).toEqual(["A", "Z"]);
  });

  it("a problem stands beside the old scores until there is an answer", () => {
    const failed = stateAfter(answered(1, aState()), { type: "failed", asked: 2, problem: UNREACHABLE });

    expect(failed.problem).toBe(UNREACHABLE);
    expect(listStates(failed)).toEqual([aState()]);
    expect(reduceScores(failed, answered(3, aState())).problem).toBeNull();
  });

  it("a problem of what was asked for before the latest answer is none", () => {
    expect(stateAfter(answered(2, aState()), { type: "failed", asked: 1, problem: UNREACHABLE }).problem).toBeNull();
  });
});

describe("what is told", () => {
  it("nothing when the scores are there for the first time", () => {
    expect(stateAfter(answered(1, aState({ status: "failed" }))).newsCount).toBe(0);
  });

  it("nothing when nothing changed", () => {
    expect(stateAfter(answered(1, aState()), answered(2, aState()), heard(3, aState())).newsCount).toBe(0);
  });

  it("a computation that begins, a score that comes, even the same number, and what goes", () => {
    const began = stateAfter(answered(1, aState()), heard(2, aState({ status: "pending" })));
    const came = reduceScores(began, heard(3, aState({ sequence: 2 })));
    const went = reduceScores(came, answered(4));

    expect(began.news).toMatchObject([{ kind: "pending", scoreType: "PMT_SCORE", count: 1 }]);
    expect(came.news[1]).toMatchObject({ kind: "computed", scoreType: "PMT_SCORE", value: 10, count: 2 });
    expect(went.news[2]).toMatchObject({ kind: "gone", scoreType: "PMT_SCORE", count: 3 });
    expect(went.newsCount).toBe(3);
  });

  it.each(["failed", "stale"] as const)("that a score is %s", (status) => {
    const state = stateAfter(answered(1, aState()), answered(2, aState({ status })));

    expect(state.news).toMatchObject([{ kind: status, scoreType: "PMT_SCORE" }]);
  });

  it("a score that comes while a newer one is pending: both", () => {
    const state = stateAfter(answered(1), heard(2, aState({ status: "pending" })));

    expect(state.news.map((one) => one.kind)).toEqual(["computed", "pending"]);
  });
});
