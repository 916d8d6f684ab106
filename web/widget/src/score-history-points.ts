import type { PastScore } from "./types";

/** A score that was, as it is drawn and told. */
export interface Change {
  score: number;
  /** Milliseconds since 1970. */
  at: number;
  /** Where it is drawn: `at`, or a little later where another change has the same time. Strictly rising. */
  x: number;
  /** To the score before; null for the first. */
  difference: number | null;
  changeRequestId: string;
  submissionId: string;
}

/** A place of the drawn line; the last one is no change but the present. */
export interface Place {
  x: number;
  score: number;
  change: Change;
  isNow: boolean;
  hasMarker: boolean;
  /** The cause that is written beside the marker; null where there is no room for it. */
  label: string | null;
}

const MOST_MARKERS = 60;
/** Of a label, and of the whole time that it takes: some 90 of 1,000 pixels. */
const LONGEST_LABEL = 12;
const ROOM_FOR_LABEL = 0.09;
const SURE_DIGITS = 12;

/** The changes, oldest first, whatever order they come in. */
export function changesOf(points: readonly PastScore[]): Change[] {
  const changes: Change[] = [];
  for (const point of inOrder(points)) {
    const before = changes.at(-1);
    const at = Date.parse(point.computed_at);
    changes.push({
      score: point.computed_score,
      at,
      x: before === undefined ? at : Math.max(at, before.x + 1),
      difference: before === undefined ? null : written(point.computed_score) - written(before.score),
      changeRequestId: point.triggered_by_cr_id,
      submissionId: point.triggered_by_submission_id ?? "",
    });
  }
  return changes;
}

/** The line with the last score drawn on to `now`; of many changes only some have a marker, the first and the last always. */
export function placesOf(changes: readonly Change[], now: number): Place[] {
  const last = changes.at(-1);
  if (last === undefined) return [];
  const apart = Math.ceil(changes.length / MOST_MARKERS);
  const end = Math.max(now, last.x + 1);
  const room = (end - (changes[0]?.x ?? end)) * ROOM_FOR_LABEL;
  const drawn = changes.map((change, index) => ({
    x: change.x,
    score: change.score,
    change,
    isNow: false,
    hasMarker: index % apart === 0 || change === last,
    label: (changes[index + 1]?.x ?? end) - change.x < room ? null : labelOf(change),
  }));
  return [...drawn, { x: end, score: last.score, change: last, isNow: true, hasMarker: false, label: null }];
}

function labelOf({ changeRequestId, submissionId }: Change): string | null {
  const id = changeRequestId || submissionId;
  return id.length > LONGEST_LABEL ? null : id || null;
}

function inOrder(points: readonly PastScore[]): PastScore[] {
  const timed = points.filter((point) => !Number.isNaN(Date.parse(point.computed_at)));
  const [first, last] = [timed[0], timed.at(-1)];
  // newest first is how histories are answered: among equal times, without a sequence, the later one stands before
  const isNewestFirst = first !== undefined && last !== undefined && timeOf(first) > timeOf(last);
  return (isNewestFirst ? timed.toReversed() : timed).toSorted(
    (one, other) => timeOf(one) - timeOf(other) || (one.sequence ?? 0) - (other.sequence ?? 0),
  );
}

/** Without the last digits, in which sums of the same weights differ by their order. */
function written(score: number): number {
  return Number(score.toPrecision(SURE_DIGITS));
}

function timeOf(point: PastScore): number {
  return Date.parse(point.computed_at);
}
