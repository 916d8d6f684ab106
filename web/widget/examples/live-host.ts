import type { ScoresHost } from "@steadyscore/scores-display";

/** What makes the widget live: a stream of events, links to change requests, and asking again for what failed. */
export function liveHost(apiUrl: string, token: () => string, mayRetry: boolean): ScoresHost {
  const headers = () => ({ Authorization: `Bearer ${token()}` });

  async function send(endpoint: string, method: string, body: object, more: Record<string, string> = {}) {
    const answer = await fetch(`${apiUrl}/register-data/${endpoint}`, {
      method,
      headers: { "Content-Type": "application/json", ...headers(), ...more },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw await refusalOf(answer);
    return answer.json();
  }

  return {
    handler: (_service, endpoint, method, params, { headers: more }) => send(endpoint, method, params, more),
    openEvents: (recordId, { lastEventId, signal }) =>
      fetch(`${apiUrl}/register-data/score_events?internal_record_id=${encodeURIComponent(recordId)}`, {
        headers: { ...headers(), ...(lastEventId !== undefined && { "Last-Event-ID": lastEventId }) },
        signal,
      }),
    changeRequestHref: (id) => `/change-requests/${encodeURIComponent(id)}`,
    onRetry: mayRetry
      ? async (recordId, scoreType) => {
          await send("retry_scores", "POST", { internal_record_id: recordId, score_type: scoreType });
        }
      : undefined,
  };
}

/** By its `status` the widget tells apart what is forbidden, what is over and what passes; a proxy's refusal is no JSON. */
async function refusalOf(answer: Response): Promise<Error> {
  const body = await answer.json().catch(() => null);
  return Object.assign(new Error(body?.detail ?? ""), { status: answer.status });
}
