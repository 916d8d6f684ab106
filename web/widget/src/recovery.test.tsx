/** Where the focus goes when what had it is gone, and what is told meanwhile. */

import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { SCORE } from "./answers.cases";
import { problemOfStatus } from "./problem";
import { ScoresDisplay } from "./scores-display";
import type { DataSourceRequestHandler, ScoresHost } from "./types";

const CONFIG = {
  widget: "scores-display",
  "widget-data-source": {
    type: "api",
    service: "s",
    endpoint: "get_scores",
    params: { internal_record_id_path: "id" },
  },
};
const FAILED = { scores: [{ ...SCORE, status: "failed", reason: "income is missing" }] };

/** One that answers when it is told to. */
function aSlowService() {
  const waiting: Array<(answer: unknown) => void> = [];
  const handler: DataSourceRequestHandler = () =>
    new Promise((resolve, reject) => {
      waiting.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  return { handler, answer: (answer: unknown) => act(async () => waiting.at(-1)?.(answer)) };
}

function show(host: ScoresHost) {
  return render(
    <>
      <ScoresDisplay config={CONFIG} host={{ values: { id: "R-1" }, ...host }} />
      <input aria-label="Elsewhere" />
    </>,
  );
}

it("trying again says that it is under way, and leads to the scores", async () => {
  const { handler, answer } = aSlowService();
  show({ handler });
  await answer(problemOfStatus(500));
  const button = screen.getByRole("button", { name: "Try again" });
  await userEvent.click(button);
  expect(button).toHaveAttribute("aria-disabled", "true");
  expect(button).toHaveFocus();

  await answer({ scores: [SCORE] });
  expect(screen.getByRole("table")).toHaveFocus();
});

it("trying again that fails can be done once more, where one is", async () => {
  const { handler, answer } = aSlowService();
  show({ handler });
  await answer(problemOfStatus(500));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await answer(problemOfStatus(500));

  expect(screen.getByRole("button", { name: "Try again" })).toHaveAttribute("aria-disabled", "false");
  expect(screen.getByRole("button", { name: "Try again" })).toHaveFocus();
});

it("trying again leads to the sentence that there are no scores", async () => {
  const { handler, answer } = aSlowService();
  show({ handler });
  await answer(problemOfStatus(500));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await answer({ scores: [] });

  expect(screen.getByText("This record has no scores.")).toHaveFocus();
});

it("who works elsewhere by then stays there", async () => {
  const { handler, answer } = aSlowService();
  show({ handler });
  await answer(problemOfStatus(500));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await userEvent.click(screen.getByLabelText("Elsewhere"));
  await answer({ scores: [SCORE] });

  expect(screen.getByLabelText("Elsewhere")).toHaveFocus();
});

it("a history that is tried again says that it is under way, and has the focus when it is there", async () => {
  const { handler, answer } = aSlowService();
  show({ handler });
  await answer({ scores: [SCORE] });
  await userEvent.click(screen.getByRole("button", { name: "History: PMT_SCORE" }));
  await answer(problemOfStatus(500));
  const button = screen.getByRole("button", { name: "Try again" });
  await userEvent.click(button);
  expect(button).toHaveAttribute("aria-disabled", "true");

  await answer({ history: [SCORE], next: null });
  const heading = await screen.findByRole("heading", { name: "History of PMT_SCORE" });
  expect(document.activeElement).toContainElement(heading);
  expect(document.body).not.toHaveFocus();
});

it.each([
  [403, "You have no permission to see the history of these scores"],
  [401, "You are not signed in any more"],
])("a history that is refused with %i says so of itself", async (status, text) => {
  const { handler, answer } = aSlowService();
  show({ handler });
  await answer({ scores: [SCORE] });
  await userEvent.click(screen.getByRole("button", { name: "History: PMT_SCORE" }));
  await answer(problemOfStatus(status));

  expect(screen.getByRole("alert")).toHaveTextContent(text);
  expect(screen.getByRole("alert")).not.toHaveTextContent("permission to see these scores");
});

it("a score that was asked for again leaves the focus to who works elsewhere by then", async () => {
  let asked = () => {};
  const onRetry = () =>
    new Promise<void>((resolve) => {
      asked = resolve;
    });
  show({ handler: async () => FAILED, onRetry });
  const button = await screen.findByRole("button", { name: "Compute again: PMT_SCORE" });
  await userEvent.click(button);
  await userEvent.click(screen.getByLabelText("Elsewhere"));
  asked();

  await waitFor(() => expect(button).toHaveAttribute("aria-disabled", "false"));
  expect(screen.getByLabelText("Elsewhere")).toHaveFocus();
});
