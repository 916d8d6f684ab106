/** Where a score's history comes from: the endpoint beside that of the scores. */

import { readHistory } from "./answers";
import type { AskingSource } from "./config";
import type { DataSourceRequestHandler, PastScore } from "./types";

/** So many past scores are shown. */
export const MOST_POINTS = 500;

export interface ScoreHistory {
  points: PastScore[];
  /** There are older ones. */
  isCut: boolean;
}

export function asksHistory(source: AskingSource): boolean {
  return historyEndpoint(source) !== source.endpoint;
}

function historyEndpoint({ endpoint }: AskingSource): string {
  return endpoint.replace("get_scores", "get_score_history");
}

/** The latest past scores, page by page; raises what `asProblem` understands. */
export async function fetchHistory(
  handler: DataSourceRequestHandler,
  source: AskingSource,
  internalRecordId: string,
  scoreType: string,
): Promise<ScoreHistory> {
  const { service, method, headers } = source;
  const params = { ...source.params, internal_record_id: internalRecordId, score_type: scoreType };
  const points: PastScore[] = [];
  let before: number | undefined;
  do {
    const sent = before === undefined ? params : { ...params, before };
    const page = readHistory(await handler(service, historyEndpoint(source), method, sent, { headers }));
    points.push(...page.history);
    // a page that does not go on would be asked for again for ever
    before = page.next === before || page.history.length === 0 ? undefined : page.next;
  } while (before !== undefined && points.length < MOST_POINTS);
  return { points: points.slice(0, MOST_POINTS), isCut: before !== undefined || points.length > MOST_POINTS };
}
