import { expect, test, vi } from "vitest";
import { tickFormat, timeTicks } from "./score-history-ticks";

// in the zone of the tests (UTC+5:45), so that whole hours and days are not those of UTC
const local = (text: string) => new Date(text).getTime();
const shown = (ticks: number[]) => ticks.map((at) => new Date(at).toLocaleString("sv-SE"));

test.each([
  ["seconds", "2026-04-08T14:22:01", "2026-04-08T14:22:27", ["2026-04-08 14:22:05", "2026-04-08 14:22:10"], "second"],
  ["minutes", "2026-04-08T14:22:10", "2026-04-08T14:41:00", ["2026-04-08 14:25:00", "2026-04-08 14:30:00"], "minute"],
  ["hours", "2026-04-08T14:22:00", "2026-04-09T01:00:00", ["2026-04-08 15:00:00", "2026-04-08 18:00:00"], "hour"],
  ["days", "2026-04-08T14:22:00", "2026-04-13T14:00:00", ["2026-04-09 00:00:00", "2026-04-10 00:00:00"], "day"],
  ["months", "2026-01-20T00:00:00", "2026-06-10T00:00:00", ["2026-02-01 00:00:00", "2026-03-01 00:00:00"], "month"],
  ["years", "2021-05-01T00:00:00", "2026-04-08T00:00:00", ["2022-01-01 00:00:00", "2023-01-01 00:00:00"], "year"],
])("a span of %s is labelled at whole ones of the reader's zone", (_, from, to, first, part) => {
  const ticks = timeTicks(local(from), local(to));

  expect(shown(ticks.at).slice(0, 2)).toEqual(first);
  expect(ticks.part).toBe(part);
});

test.each([1, 1_000, 60_000, 5e6, 9e7, 3e9, 4e10, 1e12, 4e12])("%d ms get at most eight labels, all within", (span) => {
  const from = local("2026-04-08T14:22:33");
  const { at } = timeTicks(from, from + span);

  expect(at.length).toBeLessThanOrEqual(8);
  expect(at.every((tick) => tick >= from && tick <= from + span)).toBe(true);
});

test.each([
  ["an hour", "2026-03-29T00:30:00", "2026-03-29T06:10:00"],
  ["a quarter of an hour", "2026-03-29T01:50:00", "2026-03-29T03:50:00"],
])("a tick each %s comes once where clocks are put forward", (_, from, to) => {
  vi.stubEnv("TZ", "Europe/Berlin");
  try {
    const { at } = timeTicks(local(from), local(to));

    expect(shown(at)).toContain("2026-03-29 03:00:00");
    expect(at).toEqual([...new Set(at)].sort((one, other) => one - other));
  } finally {
    vi.unstubAllEnvs();
  }
});

test("among hours midnight is written as the day", () => {
  expect(tickFormat("hour", local("2026-04-09T00:00:00"))).toEqual({ month: "short", day: "numeric" });
  expect(tickFormat("hour", local("2026-04-09T03:00:00"))).toEqual({ hour: "numeric", minute: "2-digit" });
});
