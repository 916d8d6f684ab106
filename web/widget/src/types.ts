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
  /** Looks a form value up by its dot path, where the host keeps its values to itself. */
  getFieldValue?: ((path: string) => unknown) | undefined;
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

export type ScoreStatus = "current" | "pending" | "failed" | "stale";

/** Where one score type of a record stands. */
export interface ScoreState {
  scoreType: string;
  status: ScoreStatus;
  /** Why it failed. */
  reason: string | undefined;
  changeRequestId: string;
  /** Of an intake submission, which stands in the place of a change request. */
  submissionId: string;
  /** Missing where the first is still to come. */
  score?: { value: number; computedAt: string } | undefined;
  requestedAt?: string | undefined;
  /** Rises with each newer score; 0 without a score, undefined where the service tells none. */
  sequence: number | undefined;
}

interface ScoresWidgetConfig {
  widget: "scores-display";
  "widget-id"?: string | undefined;
  "widget-label"?: string | undefined;
  /** Whatever else the host's user interface puts into its widgets. */
  [property: string]: unknown;
}

/** The widget asks a service itself, through the host's handler. */
export interface AskingConfig extends ScoresWidgetConfig {
  "widget-data-source": {
    type: "api";
    service: string;
    endpoint: string;
    /** POST where nothing is said. */
    method?: string | undefined;
    /** All but the path is sent, and the record's id with it. */
    params: { internal_record_id_path: string; [name: string]: unknown };
    headers?: Record<string, string> | undefined;
  };
}

/** The host has loaded the scores: they stand at this path of its form's values, else of its schema data. */
export interface GivenConfig extends ScoresWidgetConfig {
  "widget-data-path": string;
}

export type ScoresDisplayConfig = AskingConfig | GivenConfig;
