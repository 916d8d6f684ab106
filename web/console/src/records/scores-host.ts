import type { ScoresHost } from "@steadyscore/scores-display";
import { API_URL, type Api, answered } from "../api/client";
import type { Session } from "../session/session";

/** What the widget may ask for, by the endpoint's name. */
const ENDPOINTS = {
  get_scores: "/register-data/get_scores",
  get_score_history: "/register-data/get_score_history",
} as const;

/** The console as the scores-display widget's host; one who may not retry is not offered it. */
export function scoresHost(session: Session, mayRetry: boolean): ScoresHost {
  const { api } = session;
  return {
    handler: (_service, endpoint, _method, params) => ask(api, endpoint, params),
    openEvents: (recordId, options) => openEvents(session, recordId, options),
    changeRequestHref: (id) => `#/change-requests/${encodeURIComponent(id)}`,
    ...(mayRetry && { onRetry: (recordId, scoreType) => retry(api, recordId, scoreType) }),
  };
}

async function ask(api: Api, endpoint: string, params: Record<string, unknown>): Promise<unknown> {
  if (!(endpoint in ENDPOINTS)) throw new Error(`${endpoint} is not served here`);
  // the widget knows what each endpoint takes, and the API checks it
  return answered(api.POST(ENDPOINTS[endpoint as keyof typeof ENDPOINTS], { body: params as never }));
}

/** By fetch, as a browser's own EventSource sends no token. */
async function openEvents(
  { api, token }: Session,
  recordId: string,
  { lastEventId, signal }: { lastEventId: string | undefined; signal: AbortSignal },
): Promise<Response> {
  const wanted = new URLSearchParams({ internal_record_id: recordId });
  const headers: Record<string, string> = { Accept: "text/event-stream" };
  const current = token();
  if (current !== null) headers.Authorization = `Bearer ${current}`;
  if (lastEventId !== undefined) headers["Last-Event-ID"] = lastEventId;
  const response = await fetch(`${API_URL}/register-data/score_events?${wanted}`, {
    headers,
    signal,
    cache: "no-store",
  });
  // whoever refuses the token here refuses it there, and there the session hears of it
  if (response.status === 401) void api.GET("/identity").catch(() => {});
  return response;
}

async function retry(api: Api, recordId: string, scoreType: string): Promise<void> {
  await answered(
    api.POST("/register-data/retry_scores", { body: { internal_record_id: recordId, score_type: scoreType } }),
  );
}
