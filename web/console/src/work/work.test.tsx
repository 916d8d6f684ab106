import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { accessibilityProblems } from "../../../testing/accessibility";
import { ALL, type Answers, bodiesOf, problem, show } from "../definitions/testing";
import type { Failed, Pending, Ready } from "./queries";
import { workRoutes } from "./routes";
import { filterOf } from "./score-list";

const RETRY = "POST /register-data/retry_scores";
const PENDING = "GET /register-data/pending_requests";
const FAILED = "GET /register-data/failed_requests";
const SCORES = "GET /register-data/scores";
const UI = { temporal_ui_url: "http://temporal.test/", temporal_namespace: "scores" };

function aRequest(record: string) {
  return {
    internal_record_id: record,
    score_type: "FSF_SCORE",
    change_request_id: `CR-${record}`,
    submission_id: `S-${record}`,
    sequence: 7,
    definition_version: 1,
    workflow_id: `score:${record}/7`,
  };
}

function aFailed(record: string): Failed {
  const why = { error_code: "ScoreInputError", reason: "income is missing", failed_at: "2026-04-08T14:22:00Z" };
  return { ...aRequest(record), ...why };
}

function aPending(record: string, changes: Partial<Pending> = {}): Pending {
  const at = new Date().toISOString();
  const state = { requested_at: at, due_at: at, compute_status: "PENDING", reason: "APPROVAL" } as const;
  return { ...aRequest(record), ...state, ...changes };
}

function ready(status: Ready["status"]): Ready {
  const check = { name: "postgresql" as const, ok: status !== "unavailable", detail: "as it is" };
  return { status, checks: [check] };
}

/** An API that keeps what has failed and what is pending; what is retried moves from one to the other. */
function anApi(records: string[], others: Answers = {}): Answers {
  let failed = records.map(aFailed);
  const pending: Pending[] = [];
  return {
    "GET /registers": () => ({ registers: [{ register_id: "farmers", register_mnemonic: "Farmer" }], next: null }),
    "GET /health/ready": () => ready("ready"),
    "GET /register-data/pending_requests": () => ({ pending_requests: pending, next: null }),
    "GET /register-data/failed_requests": () => ({ failed_requests: failed, next: null }),
    "POST /register-data/get_score_definitions": () => ({ score_definitions: [{ score_type: "FSF_SCORE" }] }),
    [RETRY]: ({ body }) => {
      const { internal_record_id } = body as { internal_record_id: string };
      failed = failed.filter((one) => one.internal_record_id !== internal_record_id);
      pending.push(aPending(internal_record_id));
      return { retried: [] };
    },
    ...others,
  };
}

const showWork = (answers: Answers, tab = "failed", permissions = ALL, bearer: object = UI) =>
  show(workRoutes, { at: `/work?register=farmers&tab=${tab}`, answers, permissions, bearer });

afterEach(() => vi.useRealTimers());

it("retries one failed score, which is pending then", async () => {
  const { asked } = await showWork(anApi(["a", "b"]));

  await userEvent.click(await screen.findByRole("button", { name: "Retry FSF_SCORE of a" }));

  expect(await screen.findByRole("tab", { name: "Pending (1)" })).toBeInTheDocument();
  expect(screen.getByRole("tab", { name: "Failed (1)" })).toBeInTheDocument();
  expect(screen.queryByRole("link", { name: "a" })).toBeNull();
  expect(bodiesOf(asked, RETRY)).toEqual([{ internal_record_id: "a", score_type: "FSF_SCORE" }]);
});

it("retries all that are shown, one after the other", async () => {
  const { asked } = await showWork(anApi(["a", "b", "c"]));

  await userEvent.click(await screen.findByRole("button", { name: "Retry all 3 shown" }));

  expect(await screen.findByText("3 of 3 are pending again.")).toBeInTheDocument();
  expect(await screen.findByText("Nothing has failed.")).toBeInTheDocument();
  expect(bodiesOf(asked, RETRY)).toHaveLength(3);
});

it("stops at the first refusal and says why", async () => {
  const api = anApi(["a", "b", "c"]);
  const retry = api[RETRY];
  const refusing: Answers = {
    [RETRY]: (asked) =>
      (asked.body as Failed).internal_record_id === "b" ? problem(429, "too many writes") : retry?.(asked),
  };
  const { asked } = await showWork({ ...api, ...refusing });

  await userEvent.click(await screen.findByRole("button", { name: "Retry all 3 shown" }));

  expect(await screen.findByText("too many writes")).toBeInTheDocument();
  expect(await screen.findByText("1 of 3 are pending again.")).toBeInTheDocument();
  expect(bodiesOf(asked, RETRY)).toHaveLength(2);
});

it("leads to the record, the change request and the run", async () => {
  const { container } = await showWork(anApi(["a"]));

  expect(await screen.findByRole("link", { name: "a" })).toHaveAttribute("href", "/records/a");
  expect(screen.getByRole("link", { name: "CR-a" })).toHaveAttribute("href", "/change-requests/CR-a");
  const run = screen.getByRole("link", { name: "Run of FSF_SCORE a in Temporal" });
  expect(run).toHaveAttribute("href", "http://temporal.test/namespaces/scores/workflows/score%3Aa%2F7");
  expect(run).toHaveAttribute("rel", "noreferrer");
  expect(await accessibilityProblems(container)).toEqual([]);
});

it.each([
  ["where the UI has no address", { temporal_ui_url: null }, "score:a/7"],
  ["where there is no run", UI, null],
])("shows no link to a run %s", async (_, bearer, workflow_id) => {
  const list = () => ({ failed_requests: [{ ...aFailed("a"), workflow_id }], next: null });

  await showWork(anApi([], { "GET /register-data/failed_requests": list }), "failed", ALL, bearer);

  expect(await screen.findByText("income is missing")).toBeInTheDocument();
  expect(screen.queryByRole("link", { name: /^Run/ })).toBeNull();
});

it("offers no retry to who may only look", async () => {
  await showWork(anApi(["a"]), "failed", ["register:view", "registerScore:view"]);

  expect(await screen.findByText("income is missing")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /Retry/ })).toBeNull();
  expect(screen.queryByRole("link", { name: "a" })).toBeNull();
});

it("names the permission that is missing", async () => {
  await showWork(anApi([]), "failed", ["register:view"]);

  expect(screen.getByRole("alert")).toHaveTextContent("registerScore:view");
});

it("tells what is overdue, and what a recomputation has asked for", async () => {
  const due_at = new Date(Date.now() - 60_000).toISOString();
  const rows = [aPending("late", { due_at, change_request_id: "recompute:1" }), aPending("soon")];
  const list = () => ({ pending_requests: rows, next: null });

  const { container } = await showWork(anApi([], { "GET /register-data/pending_requests": list }), "pending");

  const late = (await screen.findByRole("link", { name: "late" })).closest("tr") as HTMLElement;
  const soon = screen.getByRole("link", { name: "soon" }).closest("tr") as HTMLElement;
  expect(within(late).getByText("Overdue")).toBeInTheDocument();
  expect(within(late).getByText("Recomputation")).toBeInTheDocument();
  expect(within(soon).queryByText("Overdue")).toBeNull();
  expect(await accessibilityProblems(container)).toEqual([]);
});

it("looks again by itself", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const pending: Pending[] = [];
  const list = () => ({ pending_requests: [...pending], next: null });
  await showWork(anApi([], { "GET /register-data/pending_requests": list }), "pending");
  expect(await screen.findByText("Nothing waits for its score.")).toBeInTheDocument();

  pending.push(aPending("new"));
  await vi.advanceTimersByTimeAsync(3_100);

  expect(await screen.findByRole("link", { name: "new" })).toBeInTheDocument();
});

it("asks for what is not shown more seldom", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const { asked } = await showWork(anApi(["a"]), "pending");
  expect(await screen.findByRole("tab", { name: "Failed (1)" })).toBeInTheDocument();

  await vi.advanceTimersByTimeAsync(9_500);
  expect(asked.filter(({ what }) => what === PENDING).length).toBeGreaterThan(2);
  expect(asked.filter(({ what }) => what === FAILED)).toHaveLength(1);
  await userEvent.click(screen.getByRole("tab", { name: "Failed (1)" }));
  await vi.advanceTimersByTimeAsync(3_500);

  expect(asked.filter(({ what }) => what === FAILED)).toHaveLength(2);
});

it("asks for a list of several pages only where somebody wants that", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const page: Answers[string] = ({ query }) =>
    query.get("after") === "more"
      ? { pending_requests: [aPending("b")], next: null }
      : { pending_requests: [aPending("a")], next: "more" };
  const { asked, container } = await showWork(anApi([], { [PENDING]: page }), "pending");
  await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
  expect(await screen.findByRole("link", { name: "b" })).toBeInTheDocument();
  asked.length = 0;

  await vi.advanceTimersByTimeAsync(31_000);
  expect(asked.filter(({ what }) => what === PENDING)).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Refresh" }));

  await waitFor(() => expect(asked.filter(({ what }) => what === PENDING)).toHaveLength(2));
  vi.useRealTimers();
  expect(await accessibilityProblems(container)).toEqual([]);
});

it("gives up asking when nobody waits for the answer", async () => {
  const { asked } = await showWork(anApi([], { [SCORES]: () => new Promise(() => {}) }), "scores");
  await waitFor(() => expect(asked.some(({ what }) => what === SCORES)).toBe(true));

  await userEvent.click(screen.getByRole("link", { name: "Go elsewhere" }));

  await waitFor(() => expect(asked.find(({ what }) => what === SCORES)?.signal.aborted).toBe(true));
});

it("asks for no bound that is not a number yet", () => {
  const chosen = { scoreType: "FSF_SCORE", status: "", sort: "latest" } as const;

  const filter = filterOf({ ...chosen, min: "-", max: "0" });

  expect(filter).toEqual({ score_type: "FSF_SCORE", max_score: 0, sort: "computed_at", order: "desc" });
});

it.each([
  ["ready", 200, "The service is ready"],
  ["degraded", 200, "Approvals go on, scores wait"],
  ["unavailable", 503, "The service is unavailable"],
] as const)("says that the service is %s", async (status, code, said) => {
  await showWork(anApi([], { "GET /health/ready": () => Response.json(ready(status), { status: code }) }));

  const state = screen.getByRole("region", { name: "State of the service" });
  expect(await within(state).findByText(said)).toBeInTheDocument();
  expect(state).toHaveTextContent(code === 503 ? "PostgreSQL: does not work" : "PostgreSQL: works");
});

it("lists the scores of a type from the highest, within a range, in pages", async () => {
  const row = (record: string, computed_score: number) => ({
    ...{ internal_record_id: record, score_type: "FSF_SCORE", computed_score, computed_at: "2026-04-08T14:22:00Z" },
    ...{ triggered_by_cr_id: `CR-${record}`, triggered_by_submission_id: "S", definition_version: 1 },
    ...{ status: "stale", reason: null },
  });
  const list: Answers[string] = ({ query }) =>
    query.get("after") === "more"
      ? { scores: [row("b", 7)], next: null }
      : { scores: [row("a", 1234.5)], next: "more" };
  const { asked } = await showWork(anApi([], { [SCORES]: list }), "scores");
  expect(await screen.findByText("1,234.5")).toBeInTheDocument();
  expect(screen.queryByRole("option", { name: "Highest first" })).toBeNull();

  await screen.findByRole("option", { name: "FSF_SCORE" });
  await userEvent.selectOptions(screen.getByLabelText("Score type"), "FSF_SCORE");
  await userEvent.selectOptions(screen.getByLabelText("Status"), "Stale");
  await userEvent.selectOptions(screen.getByLabelText("Order"), "Highest first");
  await userEvent.type(screen.getByLabelText("From"), "5");

  await waitFor(() =>
    expect(Object.fromEntries(asked.findLast(({ what }) => what === SCORES)?.query ?? [])).toEqual({
      ...{ register_id: "farmers", limit: "50", score_type: "FSF_SCORE", status: "stale" },
      ...{ min_score: "5", sort: "computed_score", order: "desc" },
    }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
  expect(await screen.findByRole("link", { name: "b" })).toBeInTheDocument();
});

it("speaks Arabic from right to left, with ids as they are", async () => {
  const { container } = await show(workRoutes, {
    ...{ at: "/work?register=farmers&tab=failed", answers: anApi(["a"]), permissions: ALL, language: "ar" },
  });

  expect(await screen.findByRole("heading", { level: 1, name: "المعلّق والمتعثّر" })).toBeInTheDocument();
  expect((await screen.findByText("a")).getAttribute("dir")).toBe("ltr");
  expect(await accessibilityProblems(container)).toEqual([]);
});
