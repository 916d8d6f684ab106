import type { ScoresDisplayConfig } from "@steadyscore/scores-display";

/** The widget asks: `endpoint` of `service`, through the host's handler. */
export const asking: ScoresDisplayConfig = {
  widget: "scores-display",
  "widget-id": "record-scores",
  "widget-data-source": {
    type: "api",
    service: "staff-portal-api",
    endpoint: "get_scores",
    params: { internal_record_id_path: "internal_record_id" },
  },
};

/** The host has loaded the scores: an array, or an object with `scores`, at this path. */
export const given: ScoresDisplayConfig = {
  widget: "scores-display",
  "widget-id": "record-scores",
  "widget-data-path": "computed_scores",
};
