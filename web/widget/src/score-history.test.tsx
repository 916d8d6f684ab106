import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18next, { type i18n } from "i18next";
import { Suspense } from "react";
import { I18nextProvider, initReactI18next } from "react-i18next";
import { beforeEach, expect, test, vi } from "vitest";
import { accessibilityProblems } from "../../testing/accessibility";
import { ScoreHistory, type ScoreHistoryProps } from "./score-history";
import { LazyScoreHistory } from "./score-history-lazy";
import { addScoresTexts } from "./texts/texts";
import type { PastScore } from "./types";

const POINTS: PastScore[] = [
  { computed_score: 40, computed_at: "2026-04-09T08:00:00Z", triggered_by_cr_id: "CR-00124" },
  { computed_score: 47.321, computed_at: "2026-04-08T08:37:00Z", triggered_by_cr_id: "CR-00123" },
  {
    computed_score: 47.321,
    computed_at: "2026-04-07T08:00:00Z",
    triggered_by_cr_id: "",
    triggered_by_submission_id: "SUB-1",
  },
];

// jsdom lays nothing out, and a chart without a size is not drawn
beforeEach(() => {
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(function (this: Element) {
    return this.matches(".recharts-wrapper") ? new DOMRect(0, 0, 600, 240) : new DOMRect(0, 0, 40, 12);
  });
});

async function translations(language: string): Promise<i18n> {
  const made = i18next.createInstance();
  await made.use(initReactI18next).init({ lng: language, fallbackLng: "en", interpolation: { escapeValue: false } });
  addScoresTexts(made);
  return made;
}

async function show(props: Partial<ScoreHistoryProps> = {}, language = "en") {
  const texts = await translations(language);
  const view = render(<ScoreHistory scoreType="PMT_SCORE" points={POINTS} {...props} />, {
    wrapper: ({ children }) => <I18nextProvider i18n={texts}>{children}</I18nextProvider>,
  });
  return view.container;
}

const markersOf = (container: Element) => container.querySelectorAll(".scores-history-marker");
const rows = () => within(screen.getByRole("table", { hidden: true })).getAllByRole("row", { hidden: true });
const cells = (row: HTMLElement | undefined) => [...(row?.children ?? [])].map((cell) => cell.textContent);

test("the chart is a picture that a sentence sums up", async () => {
  const container = await show();

  expect(screen.getByRole("img")).toHaveAccessibleName(
    "PMT_SCORE since Apr 7, 2026, 1:45:00 PM: 40.00 at last, 40.00 at the lowest, 47.321 at the highest. Scores in all: 3.",
  );
  expect(screen.getByRole("heading", { level: 4, name: "History of PMT_SCORE" })).toBeVisible();
  expect(markersOf(container)).toHaveLength(3);
  expect(container.querySelectorAll("path.scores-history-marker")).toHaveLength(1);
});

test("the table tells all changes in the reader's zone, newest first, and which of them changed no number", async () => {
  await show();

  expect(rows().map(cells)).toEqual([
    ["Computed at", "Score", "Change", "Triggered by"],
    ["Apr 9, 2026, 1:45:00 PM", "40.00", "-7.321", "CR-00124"],
    ["Apr 8, 2026, 2:22:00 PM", "47.321", "unchanged", "CR-00123"],
    ["Apr 7, 2026, 1:45:00 PM", "47.321", "", "Submission SUB-1"],
  ]);
});

test("a score that nothing is known to have caused has a dash there, as in the table of scores", async () => {
  await show({ points: [{ ...POINTS[0], triggered_by_cr_id: "" } as PastScore] });

  expect(rows().map(cells)[1]?.[3]).toBe("–");
});

test("the table opens where it is asked for", async () => {
  await show();
  const table = screen.getByRole("table", { hidden: true });
  expect(table).not.toBeVisible();

  await userEvent.click(screen.getByText("Show as table"));

  expect(table).toBeVisible();
});

test("change requests lead to where the host shows them", async () => {
  await show({ changeRequestHref: (id) => (id === "CR-00124" ? `#/change-requests/${id}` : undefined) });

  const links = screen.getAllByRole("link", { hidden: true });
  expect(links.map((link) => link.getAttribute("href"))).toEqual(["#/change-requests/CR-00124"]);
});

test("arrow keys go from change to change and tell score, time and change request, at last the present", async () => {
  await show();
  const user = userEvent.setup();

  await user.tab();
  expect(screen.getByRole("img")).toHaveFocus();
  await user.keyboard("{ArrowRight}");
  expect(await screen.findByRole("status")).toHaveTextContent("47.321Apr 8, 2026, 2:22:00 PMTriggered by: CR-00123");
  await user.keyboard("{ArrowRight}");
  expect(screen.getByRole("status")).toHaveTextContent("40Apr 9, 2026, 1:45:00 PMTriggered by: CR-00124");
  await user.keyboard("{ArrowRight}");
  expect(screen.getByRole("status")).toHaveTextContent("40Unchanged until now, since Apr 9, 2026, 1:45:00 PM");
});

test("in Arabic time runs from right to left, and so do the arrow keys", async () => {
  const container = await show({}, "ar");
  const [first, , last] = [...markersOf(container)].map(place);
  expect(first).toBeGreaterThan(last ?? Number.NaN);
  expect(screen.getByRole("region", { name: "سجلّ تغييرات PMT_SCORE" })).toHaveAttribute("dir", "rtl");
  const user = userEvent.setup();

  await user.tab();
  await user.keyboard("{ArrowLeft}");

  expect(await screen.findByRole("status")).toHaveTextContent("CR-00123");
});

test("in English time runs from left to right", async () => {
  const [first, , last] = [...markersOf(await show())].map(place);

  expect(first).toBeLessThan(last ?? Number.NaN);
});

test("the present moves on while the history is open", async () => {
  vi.useFakeTimers({ now: Date.parse("2026-04-09T08:00:10Z"), toFake: ["Date", "setInterval", "clearInterval"] });
  try {
    const container = await show({ points: POINTS.slice(0, 2) });
    const before = place(markersOf(container)[1] as Element);

    act(() => void vi.advanceTimersByTime(24 * 3_600_000));

    expect(place(markersOf(container)[1] as Element)).toBeLessThan(before - 100);
  } finally {
    vi.useRealTimers();
  }
});

test("one score is a line to the present", async () => {
  const container = await show({ points: POINTS.slice(0, 1) });

  expect(screen.getByRole("img")).toHaveAccessibleName(
    "PMT_SCORE: 40 since Apr 9, 2026, 1:45:00 PM, never computed again.",
  );
  expect(container.querySelector(".recharts-line-curve")?.getAttribute("d")).toMatch(/^M[\d.]+,[\d.]+L/);
});

test("without scores it says so", async () => {
  await show({ points: [] });

  expect(screen.getByText("No score has been computed yet.")).toBeVisible();
  expect(screen.queryByRole("img")).toBeNull();
});

test("500 scores are all in the table, and their markers thin out", async () => {
  const points = Array.from({ length: 500 }, (_, index) => ({
    computed_score: (index % 7) - 3,
    computed_at: new Date(Date.UTC(2026, 0, 1) + index * 3_600_000).toISOString(),
    triggered_by_cr_id: `CR-${index}`,
  }));

  const container = await show({ points });

  expect(markersOf(container).length).toBeGreaterThan(30);
  expect(markersOf(container).length).toBeLessThan(70);
  expect(container.querySelectorAll("tbody tr")).toHaveLength(500);
});

test.each(["en", "ar"])("axe finds nothing in %s", async (language) => {
  const container = await show({ changeRequestHref: (id) => `#${id}`, headingLevel: 2 }, language);
  await userEvent.click(container.querySelector("summary") as Element);

  expect(await accessibilityProblems(container)).toEqual([]);
});

test("it comes by itself when it is first asked for", async () => {
  const texts = await translations("fr");
  render(
    <I18nextProvider i18n={texts}>
      <Suspense fallback="…">
        <LazyScoreHistory scoreType="PMT_SCORE" points={POINTS} />
      </Suspense>
    </I18nextProvider>,
  );

  expect(await screen.findByRole("heading", { name: "Historique de PMT_SCORE" })).toBeVisible();
});

/** Where a marker stands, from the left. */
function place(marker: Element): number {
  return Number(marker.getAttribute("cx") ?? marker.getAttribute("d")?.match(/^M([\d.]+)/)?.[1]);
}
