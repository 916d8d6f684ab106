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
  /** Which change it tells of. */
  count: number;
}

/** Pieces of news are forgotten then, told or not. */
const MOST_NEWS = 50;

export interface ScoresState {
  known: ReadonlyMap<string, Known>;
  /** When the answer that is shown was asked for; 0 before the first. */
  answered: number;
  problem: ScoresProblem | null;
  /** Of the latest changes, several of which may come between two renderings. */
  news: readonly News[];
  /** Rises with each change. */
  newsCount: number;
}

/** `asked` and `heard` count up: what was asked for later tells of a later state. */
export type ScoresAction =
  | { type: "answered"; asked: number; states: readonly ScoreState[] }
  | { type: "given"; states: readonly ScoreState[] }
  | { type: "heard"; heard: number; state: ScoreState }
  | { type: "failed"; asked: number; problem: ScoresProblem };

export const NOTHING_KNOWN: ScoresState = { known: new Map(), answered: 0, problem: null, news: [], newsCount: 0 };

export function reduceScores(before: ScoresState, action: ScoresAction): ScoresState {
  switch (action.type) {
    case "answered":
      return action.asked < before.answered ? before : afterAnswer(before, action.asked, action.states);
    case "given":
      return { ...afterChange(before, asKnown(action.states)), answered: 1, problem: null };
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

function afterAnswer(before: ScoresState, asked: number, states: readonly ScoreState[]): ScoresState {
  const told = new Set(states.map((state) => state.scoreType));
  // what the answer does not tell of is gone, but for what came after it was asked for
  const known = new Map([...before.known].filter(([scoreType, { heard }]) => told.has(scoreType) || heard > asked));
  for (const state of states) take(known, { state, heard: asked });
  return { ...afterChange(before, known), answered: asked, problem: null };
}

function asKnown(states: readonly ScoreState[]): ReadonlyMap<string, Known> {
  return new Map(states.map((state) => [state.scoreType, { state, heard: 1 }]));
}

function afterChange(before: ScoresState, known: ReadonlyMap<string, Known>): ScoresState {
  const changes = before.answered === 0 ? [] : changesBetween(before.known, known);
  if (changes.length === 0) return { ...before, known };
  const newsCount = before.newsCount + 1;
  const news = [...before.news, ...changes.map((change) => ({ ...change, count: newsCount }))];
  return { ...before, known, news: news.slice(-MOST_NEWS), newsCount };
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

type Change = Omit<News, "count">;

function changesBetween(before: ReadonlyMap<string, Known>, after: ReadonlyMap<string, Known>): Change[] {
  const gone = [...before.keys()].filter((scoreType) => !after.has(scoreType));
  const changed = [...after.values()].flatMap(({ state }) => changesOf(before.get(state.scoreType)?.state, state));
  return [...changed, ...gone.map((scoreType): Change => ({ kind: "gone", scoreType }))];
}

function changesOf(before: ScoreState | undefined, after: ScoreState): Change[] {
  const { scoreType } = after;
  const isComputed =
    after.score !== undefined &&
    (before?.score === undefined ||
      before.sequence !== after.sequence ||
      before.score.value !== after.score.value ||
      Date.parse(before.score.computedAt) !== Date.parse(after.score.computedAt));
  const changes: Change[] = isComputed ? [{ kind: "computed", scoreType, value: after.score?.value }] : [];
  if (after.status !== "current" && after.status !== before?.status) changes.push({ kind: after.status, scoreType });
  return changes;
}
