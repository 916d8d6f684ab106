import { render, screen } from "@testing-library/react";
import type { ComponentType } from "react";
import { expect, test, vi } from "vitest";
import { asking } from "../examples/configurations";
import { registerScores } from "../examples/openg2p-host";
import { SectionsPage } from "../examples/section-builder";
import type { RegisteredWidgetProps } from "./register";

test("the README's host registers a widget that asks through the host's handler", async () => {
  const registered = new Map<string, ComponentType<RegisteredWidgetProps>>();
  const score = {
    score_type: "PMT_SCORE",
    computed_score: 47.32,
    computed_at: "2026-04-08T08:37:00Z",
    triggered_by_cr_id: "CR-1",
  };
  const handler = vi.fn(async () => ({ scores: [score] }));
  registerScores({ register: ({ widget, component }) => registered.set(widget, component) }, () => ({
    dataSourceRequestHandler: handler,
    schemaData: { internal_record_id: "INT-1" },
  }));
  const Widget = registered.get("scores-display");
  if (Widget === undefined) throw new Error("nothing was registered");

  render(<Widget config={asking} />);

  expect(await screen.findByText("47.32")).toBeVisible();
  expect(handler).toHaveBeenCalledWith(
    "staff-portal-api",
    "get_scores",
    "POST",
    { internal_record_id: "INT-1" },
    expect.anything(),
  );
});

test("the README's section builder locks the scores' section", () => {
  render(<SectionsPage onSave={async () => {}} />);

  expect(screen.getByText("Computed Scores")).toBeVisible();
  expect(screen.getByText("Core section")).toBeVisible();
});
