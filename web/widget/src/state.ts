/** What is known of a record's scores, and how it changes by what arrives, in whatever order that arrives. */

import type { ScoresProblem } from "./problem";
import type { ScoreState } from "./types";

/** A score type as it was last told of. */
interface Known {
  state: ScoreState;
  /** When that was asked for, or came by itself. */
  heard: number;
}

export type NewsKind = "computed" | "pending" | "failed" | "stale" | "gone";

/** What has changed for one score type; told to who does not look. */
export interface News {
  kind: NewsKind;
  scoreType: string;
  value?: number | undefined;
}

export interface ScoresState {
  known: ReadonlyMap<string, Known>;
  /** When the answer that is shown was asked for; 0 before the first. */
  answered: number;
  problem: ScoresProblem | null;
  /** Of the latest change. */
  news: readonly News[];
  /** Rises with each piece of news. */
  newsCount: number;
}

/** `asked` and `heard` count up: what was asked for later tells of a later state. */
export type ScoresAction =
  | { type: "answered"; asked: number; states: readonly ScoreState[] }
  | { type: "heard"; heard: number; state: ScoreState }
  | { type: "failed"; asked: number; problem: ScoresProblem };

export const NOTHING_KNOWN: ScoresState = { known: new Map(), answered: 0, problem: null, news: [], newsCount: 0 };

export function reduceScores(before: ScoresState, action: ScoresAction): ScoresState {
  switch (action.type) {
    case "answered":
      return action.asked < before.answered ? before : afterAnswer(before, action.asked, action.states);
    case "heard": {
      const known = new Map(before.known);
      take(known, { state: action.state, heard: action.heard });
      return afterChange(before, known);
    }
    case "failed":
      return action.asked < before.answered ? before : { ...before, problem: action.problem };
  }
}

/** What is shown, by score type. */
export function listStates(state: ScoresState): ScoreState[] {
  const states = [...state.known.values()].map((known) => known.state);
  return states.sort((one, other) => (one.scoreType < other.scoreType ? -1 : 1));
}

export function isAnyPending(state: ScoresState): boolean {
  return [...state.known.values()].some((known) => known.state.status === "pending");
}

function afterAnswer(before: ScoresState, asked: number, states: readonly ScoreState[]): ScoresState {
  const told = new Set(states.map((state) => state.scoreType));
  // what the answer does not tell of is gone, but for what came after it was asked for
  const known = new Map([...before.known].filter(([scoreType, { heard }]) => told.has(scoreType) || heard > asked));
  for (const state of states) take(known, { state, heard: asked });
  return { ...afterChange(before, known), answered: asked, problem: null };
}

function afterChange(before: ScoresState, known: ReadonlyMap<string, Known>): ScoresState {
  const news = before.answered === 0 ? [] : newsBetween(before.known, known);
  if (news.length === 0) return { ...before, known };
  return { ...before, known, news, newsCount: before.newsCount + 1 };
}

function take(known: Map<string, Known>, later: Known): void {
  const earlier = known.get(later.state.scoreType);
  if (earlier === undefined || isNewer(later, earlier)) known.set(later.state.scoreType, later);
}

/** A score never goes back to an older one; of the same score, and without sequences, the later word counts. */
function isNewer(later: Known, earlier: Known): boolean {
  const [now, then] = [later.state.sequence, earlier.state.sequence];
  if (now !== undefined && then !== undefined && now !== then) return now > then;
  return later.heard >= earlier.heard;
}

function newsBetween(before: ReadonlyMap<string, Known>, after: ReadonlyMap<string, Known>): News[] {
  const gone = [...before.keys()].filter((scoreType) => !after.has(scoreType));
  const changed = [...after.values()].flatMap(({ state }) => newsOf(before.get(state.scoreType)?.state, state));
  return [...changed, ...gone.map((scoreType): News => ({ kind: "gone", scoreType }))];
}

function newsOf(before: ScoreState | undefined, after: ScoreState): News[] {
  const { scoreType } = after;
  const isComputed =
    after.score !== undefined &&
    (before?.score === undefined ||
      before.sequence !== after.sequence ||
      before.score.value !== after.score.value ||
      Date.parse(before.score.computedAt) !== Date.parse(after.score.computedAt));
  const news: News[] = isComputed ? [{ kind: "computed", scoreType, value: after.score?.value }] : [];
  if (after.status !== "current" && after.status !== before?.status) news.push({ kind: after.status, scoreType });
  return news;
}
