/** What the registry's user interface and this widget say to each other; names are OpenG2P's where it has them. */

/** The host's way to its services; answers with the payload, or with the whole envelope around it. */
export type DataSourceRequestHandler = (
  service: string,
  endpoint: string,
  method: string,
  params: Record<string, unknown>,
  options: { headers?: Record<string, string> | undefined },
) => Promise<unknown>;

/** What a host offers. Each of these may be missing, and the widget does without. */
export interface ScoresHost {
  handler?: DataSourceRequestHandler | undefined;
  /** The form's values. */
  values?: Record<string, unknown> | undefined;
  /** What is looked through where the form's values have nothing at a path. */
  schemaData?: Record<string, unknown> | undefined;
  /** Opens the record's event stream (`GET /register-data/score_events`); without it, `handler` is asked again and again. */
  openEvents?:
    | ((
        internalRecordId: string,
        options: { lastEventId: string | undefined; signal: AbortSignal },
      ) => Promise<Response>)
    | undefined;
  /** Where a change request can be looked at. */
  changeRequestHref?: ((changeRequestId: string) => string | undefined) | undefined;
  /** Asks for a failed score again; only where the reader may. */
  onRetry?: ((internalRecordId: string, scoreType: string) => Promise<void>) | undefined;
}

/** A score that was, as `get_score_history` answers it. */
export interface PastScore {
  computed_score: number;
  /** ISO 8601. */
  computed_at: string;
  triggered_by_cr_id: string;
  triggered_by_submission_id?: string | undefined;
  sequence?: number | undefined;
}
