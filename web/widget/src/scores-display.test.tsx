import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createInstance } from "i18next";
import { StrictMode } from "react";
import { I18nextProvider } from "react-i18next";
import { describe, expect, it, vi } from "vitest";
import { accessibilityProblems } from "../../testing/accessibility";
import { enveloped, SCORE, TO_COME } from "./answers.cases";
import { problemOfStatus } from "./problem";
import { registerScoresDisplay, type WidgetRegistry } from "./register";
import { ScoresDisplay } from "./scores-display";
import type { ScoresHost } from "./types";

const CONFIG = {
  widget: "scores-display",
  "widget-data-source": {
    type: "api",
    service: "staff-portal-api",
    endpoint: "register-data/get_scores",
    headers: { "X-Portal": "1" },
    params: { internal_record_id_path: "person.id", instance: "x" },
  },
};
const FAILED = {
  ...SCORE,
  score_type: "FSF_SCORE",
  computed_score: -0.004,
  status: "failed",
  reason: "income is missing",
};
const SUBMITTED = {
  ...SCORE,
  score_type: "ZZ",
  status: "stale",
  triggered_by_cr_id: "",
  triggered_by_submission_id: "S-7",
};
const ALL = { scores: [SCORE, FAILED, SUBMITTED], without_score: [{ ...TO_COME, score_type: "AA" }] };

function aHost(answer: unknown = ALL, changes: Partial<ScoresHost> = {}) {
  const handler = vi.fn(async (_service: string, endpoint: string) => {
    if (endpoint.endsWith("get_score_history")) return { history: [SCORE], next: null };
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const host: ScoresHost = { handler, values: { person: { id: "R-1" } }, ...changes };
  return { host, handler };
}

function show(host: ScoresHost, config: object = CONFIG) {
  return render(<ScoresDisplay config={config} host={host} headingLevel={2} />);
}

async function inArabic(host: ScoresHost, config: object = CONFIG) {
  const translations = createInstance();
  await translations.init({ lng: "ar", resources: {} });
  return render(
    <I18nextProvider i18n={translations}>
      <ScoresDisplay config={config} host={host} />
    </I18nextProvider>,
  );
}

const row = (name: RegExp) => screen.getByRole("rowheader", { name }).closest("tbody") as HTMLElement;

describe("the scores of a record", () => {
  it("stand in a table with their numbers, times and change requests", async () => {
    const { host, handler } = aHost(enveloped(ALL), { changeRequestHref: (id) => `#/change-requests/${id}` });
    show(host);

    expect(await screen.findByRole("table", { name: "Computed scores" })).toBeVisible();
    const cells = within(row(/^PMT_SCORE/));
    expect(cells.getByText("1,401.83")).toBeVisible();
    // the tests' zone is Kathmandu's
    expect(cells.getByText("Nov 21, 2026, 5:45 PM")).toHaveAttribute("datetime", SCORE.computed_at);
    expect(cells.getByRole("link", { name: "CR-00123" })).toHaveAttribute("href", "#/change-requests/CR-00123");
    expect(handler).toHaveBeenCalledWith(
      "staff-portal-api",
      "register-data/get_scores",
      "POST",
      { instance: "x", internal_record_id: "R-1" },
      { headers: { "X-Portal": "1" } },
    );
  });

  it("say how they stand: to come, failed with the reason, out of date", async () => {
    show(aHost().host);
    await screen.findByRole("table");

    expect(row(/AA First score to come/)).toHaveTextContent("None yet");
    expect(row(/FSF_SCORE Failed/)).toHaveTextContent("-0.004");
    expect(row(/FSF_SCORE Failed/)).toHaveTextContent("The latest computation failed: income is missing");
    expect(row(/ZZ Out of date/)).toHaveTextContent("Submission S-7");
    expect(screen.queryByRole("button", { name: /Compute/ })).not.toBeInTheDocument();
  });

  it("that failed can be asked for again, where the host offers that", async () => {
    const onRetry = vi.fn().mockRejectedValueOnce(problemOfStatus(503, "no database")).mockResolvedValueOnce(undefined);
    const { host, handler } = aHost(ALL, { onRetry });
    show(host);
    const button = await screen.findByRole("button", { name: "Compute again: FSF_SCORE" });
    await userEvent.click(button);
    expect(await screen.findByRole("alert")).toHaveTextContent("Asking again did not work: no database");

    await userEvent.click(button);
    await waitFor(() => expect(handler).toHaveBeenCalledTimes(2));
    expect(onRetry).toHaveBeenLastCalledWith("R-1", "FSF_SCORE");
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    expect(screen.getByRole("rowheader", { name: /FSF_SCORE/ })).toHaveFocus();
  });

  it("open their history, which is asked for beside them", async () => {
    const { host, handler } = aHost();
    const { container } = show(host);
    const button = await screen.findByRole("button", { name: "History: PMT_SCORE" });
    expect(button).toHaveAttribute("aria-expanded", "false");
    await userEvent.click(button);

    expect(await screen.findByRole("heading", { name: "History of PMT_SCORE" })).toBeVisible();
    expect(handler).toHaveBeenCalledWith(
      "staff-portal-api",
      "register-data/get_score_history",
      "POST",
      { instance: "x", internal_record_id: "R-1", score_type: "PMT_SCORE" },
      { headers: { "X-Portal": "1" } },
    );
    expect(await accessibilityProblems(container)).toEqual([]);
    await userEvent.click(button);
    expect(screen.queryByRole("heading")).not.toBeInTheDocument();
  });

  it("change as the host's events say, are told of, and an open history is asked for anew", async () => {
    let send = (_: unknown) => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (item) =>
          controller.enqueue(new TextEncoder().encode(`event: computed\ndata: ${JSON.stringify(item)}\nid: a\n\n`));
      },
    });
    const openEvents = async () => new Response(body, { headers: { "Content-Type": "text/event-stream" } });
    const { host, handler } = aHost({ scores: [SCORE] }, { openEvents });
    const { rerender } = show(host);
    await userEvent.click(await screen.findByRole("button", { name: "History: PMT_SCORE" }));
    // hosts make everything anew with each rendering
    rerender(<ScoresDisplay config={structuredClone(CONFIG)} host={{ ...host, handler: host.handler?.bind(null) }} />);
    await waitFor(() =>
      expect(handler.mock.calls.filter(([, endpoint]) => endpoint.includes("history"))).toHaveLength(1),
    );
    send({ ...SCORE, sequence: 4712, computed_score: 12 });

    await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent("PMT_SCORE is now 12."));
    expect(row(/^PMT_SCORE/)).toHaveTextContent("12");
    await waitFor(() =>
      expect(handler.mock.calls.filter(([, endpoint]) => endpoint.includes("history"))).toHaveLength(2),
    );
  });

  it("are asked for once more in React's strict mode, and shown", async () => {
    const { host, handler } = aHost();
    render(<ScoresDisplay config={CONFIG} host={host} />, { wrapper: StrictMode });

    expect(await screen.findByRole("table")).toBeVisible();
    expect(handler).toHaveBeenCalledTimes(2);
  });

  it("are those of the record that the host has now", async () => {
    const { host, handler } = aHost();
    const { rerender } = show(host);
    await screen.findByRole("table");
    rerender(<ScoresDisplay config={CONFIG} host={{ ...host, values: { person: { id: "R-2" } } }} />);

    await waitFor(() => expect(handler.mock.lastCall?.at(3)).toMatchObject({ internal_record_id: "R-2" }));
  });
});

describe("the scores that the host has loaded", () => {
  const config = { widget: "scores-display", "widget-data-path": "a.scores" };

  it("are found at their path, without a request, history or retry", () => {
    const { host, handler } = aHost(ALL, {
      values: {},
      schemaData: { a: { scores: [SCORE, FAILED] } },
      onRetry: vi.fn(),
    });
    show(host, config);

    expect(screen.getByRole("table")).toHaveTextContent("1,401.83");
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
    expect(handler).not.toHaveBeenCalled();
  });

  it("change with the host's values, which are made anew with each rendering", () => {
    const hostOf = (score: object): ScoresHost => ({ getFieldValue: () => ({ scores: [score] }) });
    const { rerender } = show(hostOf(SCORE), config);
    rerender(<ScoresDisplay config={config} host={hostOf({ ...SCORE, computed_score: 3, sequence: 9999 })} />);

    expect(screen.getByRole("status")).toHaveTextContent("PMT_SCORE is now 3.");
  });
});

interface Face {
  answer?: unknown;
  changes?: Partial<ScoresHost>;
  config?: object;
  text: string;
}

const FACES: Record<string, Face> = {
  "all kinds of scores": { text: "First score to come" },
  loading: { changes: { handler: () => new Promise(() => {}) }, text: "Loading scores" },
  empty: { answer: { scores: [], without_score: [] }, text: "This record has no scores." },
  "no record yet": { changes: { values: {} }, text: "There are no scores yet: the record has no id" },
  "an error": { answer: problemOfStatus(503, "the database is away"), text: "the database is away" },
  "an unreadable answer": { answer: [{ ...SCORE, computed_score: "?" }], text: "scores.0.computed_score is no number" },
  "no permission": {
    answer: problemOfStatus(403, "this needs the permission registerScore:view"),
    text: "this needs the permission registerScore:view",
  },
  "signed out": { answer: problemOfStatus(401), text: "You are not signed in any more" },
  misconfigured: { config: { widget: "scores-display" }, text: "needs a widget-data-source" },
  "no handler": { changes: { handler: undefined }, text: "the host passes no handler" },
};

describe("each face", () => {
  it.each(Object.entries(FACES))("can be read and used by all: %s", async (_, { answer, changes, config, text }) => {
    const { container } = show(aHost(answer, { onRetry: async () => {}, ...changes }).host, config);

    expect(await screen.findByText(text, { exact: false })).toBeVisible();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it.each(Object.entries(FACES))("from right to left as well: %s", async (_, { answer, changes, config }) => {
    const { container } = await inArabic(aHost(answer, { onRetry: async () => {}, ...changes }).host, config);
    await waitFor(() => expect(container.querySelector(".scores-face, table")).toBeVisible());

    expect(container.firstElementChild).toHaveAttribute("dir", "rtl");
    expect(container).toHaveTextContent(/[ء-ي]/);
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it("an error offers to try again, which may work", async () => {
    const answers = [problemOfStatus(500), ALL];
    const handler = vi.fn(async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    });
    show(aHost(undefined, { handler }).host);
    await userEvent.click(await screen.findByRole("button", { name: "Try again" }));

    expect(await screen.findByRole("table")).toBeVisible();
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("a lack of permission does not", async () => {
    show(aHost(problemOfStatus(403)).host);

    expect(await screen.findByRole("alert")).toHaveTextContent("You have no permission to see these scores");
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
  });
});

it("a host's registry knows the widget, and what is passed to it comes before what the host offers to all", async () => {
  const register = vi.fn<WidgetRegistry["register"]>();
  registerScoresDisplay({ register }, { useHost: () => ({ schemaData: { person: { id: "R-9" } } }) });
  const { widget, component: Registered } = register.mock.calls[0]?.[0] ?? expect.fail("nothing is registered");
  const { handler } = aHost();
  render(<Registered config={CONFIG} context={{ getFieldValue: () => "R-3" }} dataSourceRequestHandler={handler} />);

  expect(await screen.findByRole("table")).toBeVisible();
  expect(widget).toBe("scores-display");
  expect(handler.mock.lastCall?.at(3)).toMatchObject({ internal_record_id: "R-3" });
});

it("a host's registration says on which level the histories' titles stand", async () => {
  const register = vi.fn<WidgetRegistry["register"]>();
  registerScoresDisplay({ register }, { headingLevel: 2 });
  const { component: Registered } = register.mock.calls[0]?.[0] ?? expect.fail("nothing is registered");
  const { handler } = aHost();
  render(<Registered config={CONFIG} values={{ person: { id: "R-1" } }} dataSourceRequestHandler={handler} />);

  await userEvent.click((await screen.findAllByRole("button", { name: /^History/ }))[0] as HTMLElement);

  expect(await screen.findByRole("heading", { level: 2 })).toBeVisible();
});

it("what the host says in the widget's namespace stays", async () => {
  const translations = createInstance();
  const resources = { fr: { "scores-display": { empty: "Rien" } } };
  await translations.init({ lng: "fr", resources });
  const { host } = aHost({ scores: [] });
  render(
    <I18nextProvider i18n={translations}>
      <ScoresDisplay config={CONFIG} host={host} />
    </I18nextProvider>,
  );

  expect(await screen.findByText("Rien")).toBeVisible();
  expect(translations.t("tryAgain", { ns: "scores-display" })).toBe("Réessayer");
});
