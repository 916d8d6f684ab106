import { render, screen } from "@testing-library/react";
import type { ComponentType } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { asking } from "../examples/configurations";
import { liveHost } from "../examples/live-host";
import { registerScores } from "../examples/openg2p-host";
import { SectionsPage } from "../examples/section-builder";
import { asProblem, type ProblemKind } from "./problem";
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

test("the README's live host sends the token, and answers with the payload", async () => {
  const fetched = stubFetch(Response.json({ scores: [] }));

  expect(await ask()).toEqual({ scores: [] });
  expect(fetched).toHaveBeenCalledWith(
    "/api/register-data/get_scores",
    expect.objectContaining({ method: "POST", body: '{"internal_record_id":"INT-1"}' }),
  );
  expect(fetched.mock.lastCall?.[1]?.headers).toMatchObject({ Authorization: "Bearer ours", "X-Of-Config": "1" });
});

test.each<[string, Response, ProblemKind, string]>([
  ["an HTML 502 of a proxy", new Response("<html>Bad Gateway</html>", { status: 502 }), "unreachable", "HTTP 502"],
  ["an empty 401", new Response(null, { status: 401 }), "signedOut", ""],
  ["a 403", Response.json({ detail: "needs register:view" }, { status: 403 }), "forbidden", "needs register:view"],
  ["a JSON null", Response.json(null, { status: 500 }), "unreachable", "HTTP 500"],
])("to the README's live host %s is a refusal with its status", async (_, answer, kind, message) => {
  stubFetch(answer);

  expect(await ask().catch(asProblem)).toMatchObject({ kind, message });
  expect(await askAgain().catch(asProblem)).toMatchObject({ kind, message });
});

const aLiveHost = (mayRetry = true) => liveHost("/api", () => "ours", mayRetry);

async function ask() {
  const options = { headers: { "X-Of-Config": "1" } };
  return aLiveHost().handler?.("portal", "get_scores", "POST", { internal_record_id: "INT-1" }, options);
}

async function askAgain() {
  return aLiveHost().onRetry?.("INT-1", "PMT_SCORE");
}

test("the README's live host offers to ask again only to who may", () => {
  expect(aLiveHost(false).onRetry).toBeUndefined();
});

function stubFetch(answer: Response) {
  const fetched = vi.fn<typeof fetch>(async () => answer.clone());
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

afterEach(() => {
  vi.unstubAllGlobals();
});
