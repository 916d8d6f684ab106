import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { SCORE } from "./answers.cases";
import { ScoresDisplay } from "./scores-display";

const CONFIG = { widget: "scores-display", "widget-data-path": "scores" };
const OTHER = { ...SCORE, score_type: "FSF_SCORE" };

const given = (scores: unknown) => <ScoresDisplay config={CONFIG} host={{ values: { scores } }} />;

describe("the scores that a host has loaded", () => {
  it("are the whole truth: those of the next record stand in the place of newer ones of the last", () => {
    const { rerender } = render(given([{ ...SCORE, sequence: 9, computed_score: 9 }]));
    rerender(given([{ ...SCORE, sequence: 2, computed_score: 2 }]));

    expect(screen.getByRole("rowheader", { name: "PMT_SCORE" }).closest("tr")).toHaveTextContent(/^PMT_SCORE ?2Nov/);
  });

  it("are not shown where the next ones cannot be read", () => {
    const { rerender } = render(given([SCORE]));
    rerender(given([{ ...SCORE, computed_score: "?" }]));

    expect(screen.getByRole("alert")).toHaveTextContent("scores.0.computed_score is no number");
    expect(screen.queryByRole("table")).not.toBeInTheDocument();
  });

  it("are to come while nothing stands at their path, and are no news when they do", () => {
    const { rerender } = render(given(undefined));
    expect(screen.getByText("Loading scores")).toBeVisible();

    rerender(given([SCORE]));
    expect(screen.getByRole("table")).toBeVisible();
    expect(screen.getByRole("status")).toBeEmptyDOMElement();
  });

  it("are none where a list without scores stands at their path", () => {
    render(given([]));

    expect(screen.getByText("This record has no scores.")).toBeVisible();
  });

  it("tell what has changed, until a record without any is there", () => {
    const { rerender } = render(given([SCORE]));
    rerender(given([SCORE, OTHER]));
    expect(screen.getByRole("status")).toHaveTextContent("FSF_SCORE is now");

    rerender(given(undefined));
    rerender(given([{ ...SCORE, sequence: 1 }]));
    expect(screen.getByRole("status")).toBeEmptyDOMElement();
  });
});

it.each([[null], ["scores-display"], [undefined]])("the configuration %j is told to be none", (config) => {
  render(<ScoresDisplay config={config as never} host={{}} />);

  expect(screen.getByRole("alert")).toHaveTextContent("the configuration must be an object");
});
