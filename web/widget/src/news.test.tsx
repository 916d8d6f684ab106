import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { readScores } from "./answers";
import { SCORE } from "./answers.cases";
import { TextsProvider } from "./language";
import { News } from "./news";
import { NOTHING_KNOWN, reduceScores, type ScoresState } from "./state";

/** As after an event of each of these score types. */
function after(before: ScoresState, ...scoreTypes: string[]): ScoresState {
  return scoreTypes
    .flatMap((score_type) => readScores([{ ...SCORE, score_type, computed_score: 7 }]))
    .reduce((known, state) => reduceScores(known, { type: "heard", heard: 2, state }), before);
}

const told = (state: ScoresState) => (
  <TextsProvider>
    <News state={state} />
  </TextsProvider>
);

it("what came since it was last told is told, and all of it", () => {
  const start = reduceScores(NOTHING_KNOWN, { type: "answered", asked: 1, states: [] });
  const { rerender } = render(told(start));

  const three = after(start, "A", "B", "C");
  rerender(told(three));
  expect(screen.getByRole("status")).toHaveTextContent("A is now 7. B is now 7. C is now 7.");

  rerender(told(after(three, "D")));
  expect(screen.getByRole("status")).toHaveTextContent(/^D is now 7\.$/);
});
