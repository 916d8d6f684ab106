import { expect, test } from "vitest";
import { changesOf, placesOf } from "./score-history-points";
import type { PastScore } from "./types";

const at = (second: number) => new Date(Date.UTC(2026, 3, 8, 14, 22, second)).toISOString();
const point = (computed_score: number, second: number, more: Partial<PastScore> = {}): PastScore => ({
  computed_score,
  computed_at: at(second),
  triggered_by_cr_id: `CR-${computed_score}`,
  ...more,
});

test("points in any order become changes, oldest first, each with its difference", () => {
  const changes = changesOf([point(30, 3), point(10, 1), point(25, 2)]);

  expect(changes.map((change) => change.score)).toEqual([10, 25, 30]);
  expect(changes.map((change) => change.difference)).toEqual([null, 15, 5]);
});

test("the same number computed again is a change of its own", () => {
  expect(changesOf([point(10, 1), point(10, 2)]).map((change) => change.difference)).toEqual([null, 0]);
});

test.each([
  ["a sum of the same weights in another order", 0.1 + 0.2, 0.3, 0],
  ["a large score", 1_000_000.1 + 0.2, 1_000_000.3, 0],
  ["a small change that is one", 0.00002, 0.00001, 0.00001],
])("%s is compared without the digits that no number is sure of", (_, later, earlier, difference) => {
  expect(changesOf([point(earlier, 1), point(later, 2)])[1]?.difference).toBeCloseTo(difference, 18);
});

test("at identical times the sequence decides which was later", () => {
  const changes = changesOf([point(2, 1, { sequence: 8 }), point(3, 1, { sequence: 9 }), point(1, 1, { sequence: 7 })]);

  expect(changes.map((change) => change.score)).toEqual([1, 2, 3]);
});

test("at identical times without a sequence, an answer that begins with the newest is read from its end", () => {
  expect(changesOf([point(3, 2), point(2, 1), point(1, 1)]).map((change) => change.score)).toEqual([1, 2, 3]);
});

test("changes of identical times are drawn side by side and told at their own time", () => {
  const changes = changesOf([point(1, 1), point(2, 1), point(3, 1)]);

  expect(changes.map((change) => change.x - change.at)).toEqual([0, 1, 2]);
  expect(new Set(changes.map((change) => change.at)).size).toBe(1);
});

test("a time that is none is left out", () => {
  expect(changesOf([{ ...point(1, 1), computed_at: "yesterday" }, point(2, 2)])).toHaveLength(1);
});

test("the last score is drawn on to now, also where this clock is behind the server's", () => {
  const changes = changesOf([point(1, 1), point(2, 2)]);
  const last = Date.parse(at(2));

  expect(placesOf(changes, last + 5_000).at(-1)).toMatchObject({ x: last + 5_000, score: 2, isNow: true });
  expect(placesOf(changes, last - 5_000).at(-1)).toMatchObject({ x: last + 1, score: 2, isNow: true });
});

test("without changes there is nothing to draw", () => {
  expect(placesOf([], Date.now())).toEqual([]);
});

test.each([1, 59, 60, 61, 500, 501])(
  "of %i changes at most 61 have a marker, the first and the last always",
  (count) => {
    const places = placesOf(changesOf(Array.from({ length: count }, (_, index) => point(index, index))), Date.now());
    const markers = places.filter((place) => place.hasMarker);

    expect(places).toHaveLength(count + 1);
    expect(markers.length).toBeLessThanOrEqual(61);
    expect(markers.length).toBeGreaterThanOrEqual(Math.min(count, 30));
    expect(markers[0]).toBe(places[0]);
    expect(markers.at(-1)).toBe(places.at(-2));
  },
);

test("a change is labelled by its change request or submission where there is room until the next", () => {
  const submitted = point(4, 60, { triggered_by_cr_id: "", triggered_by_submission_id: "SUB-7" });
  const unnamed = point(5, 80, { triggered_by_cr_id: "b1946ac9-2492-4d23" });

  const places = placesOf(
    changesOf([point(1, 0), point(2, 20), point(3, 21), submitted, unnamed]),
    Date.parse(at(100)),
  );

  expect(places.map((place) => place.label)).toEqual(["CR-1", null, "CR-3", "SUB-7", null, null]);
});
