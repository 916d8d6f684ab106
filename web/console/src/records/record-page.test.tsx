import { screen, waitFor, within } from "@testing-library/react";
import { userEvent as users } from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { accessibilityProblems } from "../../../testing/accessibility";
import { ALL, type Answers, problem, RECORD, REGISTER, sentTo, visit, WAITING } from "../registers/testing";

const userEvent = users.setup({ delay: null });
afterEach(() => void vi.useRealTimers());

const PMT = {
  score_type: "PMT_SCORE",
  computed_score: 1401.83,
  computed_at: "2026-11-21T09:00:02Z",
  triggered_by_cr_id: "CR-00122",
  triggered_by_submission_id: "",
  status: "current",
  reason: null,
  definition_version: 1,
  sequence: 11,
};
const FAILED = { ...PMT, status: "failed", reason: "income is missing" };
const EARLIER = { ...PMT, computed_score: 900.5, sequence: 7 };
const SCORES = "POST /register-data/get_scores";
const EVENTS = "GET /register-data/score_events";

/** An event stream that stays open. */
function stream(...events: [string, object][]): Response {
  const text = events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\nid: PMT_SCORE=12.11.p\n\n`);
  const body = new ReadableStream({ start: (open) => open.enqueue(new TextEncoder().encode(text.join(""))) });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

const show = (answers: Answers = {}, permissions = ALL) =>
  visit(
    "/records/record-a",
    { [SCORES]: { scores: [PMT], without_score: [] }, [EVENTS]: () => stream(), ...answers },
    permissions,
  );

describe("a record", () => {
  it("shows what it holds, as a tree with the register's types, missing values, too", async () => {
    const record = { ...RECORD, attributes: { ...RECORD.attributes, income: undefined } };
    const { container } = await show({ "GET /records/record-a": record });

    const household = await screen.findByText("household");
    expect(within(household.closest("div") as HTMLElement).getByText("member_count")).toBeInTheDocument();
    expect(await screen.findAllByText("whole number")).toHaveLength(1);
    const income = screen.getByText("income", { selector: "dt bdi" });
    expect(income.closest("div")).toHaveTextContent("incomenumbernone");
    expect(await screen.findByRole("link", { name: "Farmer" })).toHaveAttribute("href", "/registers/farmers");
    expect(await screen.findByText("PMT_SCORE")).toBeInTheDocument();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it("shows its scores as they change, asked for with the token, which stands in no address", async () => {
    const newer = { ...PMT, computed_score: 1500, triggered_by_cr_id: "CR-00123", sequence: 12 };
    const { asked } = await show({ [EVENTS]: () => stream(["computed", newer]) });

    expect(await screen.findByText("1,500")).toBeInTheDocument();
    await waitFor(() =>
      expect(asked.map((one) => one.url)).toContain("/register-data/score_events?internal_record_id=record-a"),
    );
    expect(new Set(asked.map((one) => one.authorization))).toEqual(new Set(["Bearer a-token"]));
    const scores = screen.getByText("1,500").closest("tr") as HTMLElement;
    const cause = within(scores).getByRole("link", { name: "CR-00123" });
    expect(cause).toHaveAttribute("href", "#/change-requests/CR-00123");
  });

  it("asks for a failed score again, where the reader may", async () => {
    const { asked } = await show(
      { [SCORES]: { scores: [FAILED], without_score: [] }, "POST /register-data/retry_scores": { retried: [] } },
      [...ALL, "registerScore:edit"],
    );

    await userEvent.click(await screen.findByRole("button", { name: /again|retry/i }));

    await waitFor(() =>
      expect(sentTo(asked, "POST /register-data/retry_scores")).toEqual([
        { internal_record_id: "record-a", score_type: "PMT_SCORE" },
      ]),
    );
  });

  it("offers others nothing to ask again with", async () => {
    await show({ [SCORES]: { scores: [FAILED], without_score: [] } });

    expect(await screen.findByText(/income is missing/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /again|retry/i })).not.toBeInTheDocument();
  });

  it("lists its own change requests only, and what each would change", async () => {
    const { asked } = await show();

    const list = await screen.findByRole("region", { name: "Change requests" });
    expect(await within(list).findByText("3,500")).toBeInTheDocument();
    expect(within(list).getByText("becomes").closest("li")).toHaveTextContent("income: 5,000 →becomes 3,500");
    const queries = asked.filter((one) => one.url.startsWith("/change-requests?")).map((one) => one.url);
    expect(queries).toEqual(["/change-requests?internal_record_id=record-a&limit=25"]);
  });

  it("shows the approved state when its change request is approved here", async () => {
    let isApproved = false;
    await show({
      "GET /records/record-a": () => (isApproved ? { ...RECORD, attributes: { income: 3500 }, version: 3 } : RECORD),
      "GET /change-requests": () => ({
        change_requests: [isApproved ? { ...WAITING, status: "APPROVED" } : WAITING],
        next: null,
      }),
      "POST /change-requests/CR-00123/approve": () => {
        isApproved = true;
        return { ...WAITING, status: "APPROVED" };
      },
    });

    await userEvent.click(await screen.findByRole("button", { name: "Approve CR-00123" }));

    expect(await screen.findByText(/version 3/)).toBeInTheDocument();
    expect(await screen.findByText("Approved")).toBeInTheDocument();
  });

  it("tells version by version what changed", async () => {
    const version = (number: number, attributes: object) => ({
      version: number,
      attributes,
      change_request_id: `CR-${number}`,
      created_at: "2026-11-21T09:00:00Z",
    });
    await show({
      "GET /records/record-a/history": ({ url }: { url: string }) =>
        url.includes("before=2")
          ? { history: [version(1, { income: 1000 })], next: null }
          : { history: [version(3, { income: 2, old: 1 }), version(2, { income: 2 })], next: 2 },
    });

    const list = await screen.findByRole("region", { name: "Versions" });
    expect(within(list).getAllByRole("row")).toHaveLength(2);
    expect(within(list).getByText("old").closest("li")).toHaveTextContent("old: none →becomes 1");
    await userEvent.click(screen.getByRole("button", { name: "Show more" }));
    await waitFor(() => expect(within(list).getAllByRole("row")).toHaveLength(4));
    expect(within(list).getAllByRole("row")[2]).toHaveTextContent("income: 1,000 →becomes 2");
  });

  it("tells a version that comes while it is looked at", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    let now = RECORD;
    const version = (number: number) => ({
      version: number,
      attributes: { income: number },
      change_request_id: `CR-${number}`,
      created_at: "2026-11-21T09:00:00Z",
    });
    let history = [version(2), version(1)];
    await show({
      "GET /records/record-a": () => now,
      "GET /records/record-a/history": () => ({ history, next: null }),
    });
    const list = await screen.findByRole("region", { name: "Versions" });

    now = { ...RECORD, version: 3 };
    history = [version(3), ...history];
    await vi.advanceTimersByTimeAsync(15_000);

    expect(await within(list).findByRole("link", { name: "CR-3" })).toBeInTheDocument();
  });

  it("explains computations of any age", async () => {
    const { asked } = await show({
      "POST /register-data/get_score_history": ({ body }: { body: unknown }) =>
        "before" in (body as object) ? { history: [EARLIER], next: null } : { history: [PMT], next: 11 },
    });

    await userEvent.click(await screen.findByRole("button", { name: "Why these scores?" }));
    await userEvent.click(await screen.findByRole("button", { name: "Fetch earlier computations" }));

    expect(await screen.findByRole("option", { name: /^900.5/ })).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Fetch earlier computations" })).not.toBeInTheDocument();
    expect(sentTo(asked, "POST /register-data/get_score_history").at(-1)).toMatchObject({ before: 11 });
  });

  it("explains the latest score and those before it", async () => {
    const { asked } = await show({
      "POST /register-data/get_score_history": { history: [PMT, EARLIER], next: null },
      "POST /register-data/explain_score": ({ body }: { body: unknown }) => ({
        ...((body as { sequence: number }).sequence === 7 ? EARLIER : PMT),
        contributing_attribute_values: { income: 3500, "assets.land_area": 2.1 },
        score_config: {},
        formula_name: "scoring.formulas.PmtScore",
        formula_version: "1",
        breakdown: null,
      }),
    });

    await userEvent.click(await screen.findByRole("button", { name: "Why these scores?" }));
    const dialog = await screen.findByRole("dialog", { name: "Why these scores?" });
    expect(await within(dialog).findByText("scoring.formulas.PmtScore")).toBeInTheDocument();
    expect(within(dialog).getByText("land_area").closest("div")).toHaveTextContent("land_area2.1");
    expect(within(dialog).getByText("This formula does not tell its parts")).toBeInTheDocument();
    expect(await accessibilityProblems(dialog)).toEqual([]);

    await userEvent.selectOptions(within(dialog).getByLabelText("Computation"), "7");
    expect(await within(dialog).findByText("900.5", { selector: "strong bdi" })).toBeInTheDocument();
    expect(sentTo(asked, "POST /register-data/explain_score")).toEqual([
      { internal_record_id: "record-a", score_type: "PMT_SCORE", sequence: 11 },
      { internal_record_id: "record-a", score_type: "PMT_SCORE", sequence: 7 },
    ]);
  });
});

describe("who may not see all of a record", () => {
  it("sees the attributes beside the reason why there are no scores", async () => {
    const refusal = problem(403, "this needs the permission register:view or registerScore:view");
    const { container } = await show({ [SCORES]: refusal, [EVENTS]: refusal }, ["registerRecord:view"]);

    expect(await screen.findByText("Amina Diallo")).toBeInTheDocument();
    expect(await screen.findByText(/register:view or registerScore:view/)).toBeInTheDocument();
    const named = screen.getAllByRole("alert").map((alert) => alert.textContent);
    expect(named.join()).toMatch(/changeRequest:view.*registerHistory:view/);
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it("sees the scores beside the reason why there are no attributes", async () => {
    const { asked } = await show({}, ["registerScore:view"]);

    expect(await screen.findByText("1,401.83")).toBeInTheDocument();
    expect(screen.getAllByRole("alert")[0]).toHaveTextContent("registerRecord:view");
    expect(screen.queryByRole("link", { name: "Ask for a change" })).not.toBeInTheDocument();
    expect(asked.some((one) => one.url.startsWith("/records/"))).toBe(false);
  });

  it("is offered no change where another registry feeds the register", async () => {
    await show({ "GET /registers/farmers": { ...REGISTER, hook_sender: "registry-b" } });

    expect(await screen.findByText(/fed by registry-b/)).toBeInTheDocument();
    expect(screen.queryByRole("link", { name: "Ask for a change" })).not.toBeInTheDocument();
  });
});
