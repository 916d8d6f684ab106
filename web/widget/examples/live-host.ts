import type { ScoresHost } from "@steadyscore/scores-display";

/** What makes the widget live: a stream of events, links to change requests, and asking again for what failed. */
export function liveHost(apiUrl: string, token: () => string, mayRetry: boolean): ScoresHost {
  const headers = () => ({ Authorization: `Bearer ${token()}` });
  return {
    async handler(_service, endpoint, method, params, { headers: more }) {
      const answer = await fetch(`${apiUrl}/register-data/${endpoint}`, {
        method,
        headers: { "Content-Type": "application/json", ...headers(), ...more },
        body: JSON.stringify(params),
      });
      const payload = await answer.json();
      // a thrown `status` tells the widget apart what is forbidden, what is over and what passes
      if (!answer.ok) throw Object.assign(new Error(payload.detail ?? answer.statusText), { status: answer.status });
      return payload;
    },
    openEvents: (recordId, { lastEventId, signal }) =>
      fetch(`${apiUrl}/register-data/score_events?internal_record_id=${encodeURIComponent(recordId)}`, {
        headers: { ...headers(), ...(lastEventId !== undefined && { "Last-Event-ID": lastEventId }) },
        signal,
      }),
    changeRequestHref: (id) => `/change-requests/${encodeURIComponent(id)}`,
    onRetry: mayRetry
      ? async (recordId, scoreType) => {
          const answer = await fetch(`${apiUrl}/register-data/retry_scores`, {
            method: "POST",
            headers: { "Content-Type": "application/json", ...headers() },
            body: JSON.stringify({ internal_record_id: recordId, score_type: scoreType }),
          });
          if (!answer.ok) throw new Error(`asking again was refused: ${answer.status}`);
        }
      : undefined,
  };
}
