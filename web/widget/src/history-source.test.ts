import { describe, expect, it, vi } from "vitest";
import { enveloped, SCORE } from "./answers.cases";
import type { AskingSource } from "./config";
import { asksHistory, fetchHistory } from "./history-source";

const SOURCE: AskingSource = {
  kind: "asking",
  service: "portal",
  endpoint: "register-data/get_scores",
  method: "POST",
  params: {},
  headers: undefined,
  recordIdPath: "id",
};

/** So many scores, in pages of so many. */
function aHistory(length: number, limit: number) {
  return vi.fn(async (_service: string, _endpoint: string, _method: string, params: Record<string, unknown>) => {
    const { before } = params;
    const from = typeof before === "number" ? before - 1 : length;
    const sequences = Array.from({ length: Math.min(limit, from) }, (_, index) => from - index);
    const last = sequences.at(-1) ?? 1;
    return enveloped({ history: sequences.map((sequence) => ({ ...SCORE, sequence })), next: last > 1 ? last : null });
  });
}

describe("a score's history", () => {
  it("is asked for page by page until its end", async () => {
    const handler = aHistory(7, 3);

    const { points, isCut } = await fetchHistory(handler, SOURCE, "R-1", "PMT_SCORE");

    expect(points.map((point) => point.sequence)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(isCut).toBe(false);
    expect(handler.mock.calls.map((call) => call[3])).toEqual([
      { internal_record_id: "R-1", score_type: "PMT_SCORE" },
      { internal_record_id: "R-1", score_type: "PMT_SCORE", before: 5 },
      { internal_record_id: "R-1", score_type: "PMT_SCORE", before: 2 },
    ]);
  });

  it("is cut after 500 scores, and says so", async () => {
    const { points, isCut } = await fetchHistory(aHistory(501, 300), SOURCE, "R-1", "PMT_SCORE");

    expect(points).toHaveLength(500);
    expect(points.at(-1)?.sequence).toBe(2);
    expect(isCut).toBe(true);
    expect((await fetchHistory(aHistory(500, 500), SOURCE, "R-1", "PMT_SCORE")).isCut).toBe(false);
  });

  it("that goes on where it began ends all the same", async () => {
    const handler = vi.fn(async () => ({ history: [SCORE], next: 4711 }));

    await fetchHistory(handler, SOURCE, "R-1", "PMT_SCORE");

    expect(handler).toHaveBeenCalledTimes(2);
  });

  it("is there only where the scores' endpoint has one beside it", () => {
    expect(asksHistory(SOURCE)).toBe(true);
    expect(asksHistory({ ...SOURCE, endpoint: "record_scores" })).toBe(false);
  });
});
