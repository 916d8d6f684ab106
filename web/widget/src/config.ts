/** The widget's two configurations: it asks a service itself, or finds its scores in what the host has loaded. */

import { z } from "zod";
import { issueSentence } from "./issue-sentence";

const text = (what: string) => z.string({ message: what }).min(1, { message: what });

// zod 3 has no words of ours for a literal
const exactly = (wanted: string, what: string) =>
  z.string({ message: what }).refine((value) => value === wanted, { message: what });

const PATH_PARAMETERS = ["internal_record_id_path", "internalRecordIdPath"] as const;
const PATH_MISSING = "must be the dot path of the record's id in the form's values, such as \"internal_record_id\"";

const widget = {
  widget: exactly("scores-display", 'must be "scores-display"'),
  "widget-id": text("must be a text that no other widget has").optional(),
  "widget-label": z.string({ message: "must be a text" }).optional(),
};

const askingConfig = z
  .object({
    ...widget,
    "widget-data-source": z
      .object(
        {
          type: exactly("api", 'must be "api"; scores come from a service'),
          service: text('must name a service that the host\'s handler knows, such as "staff-portal-api"'),
          endpoint: text('must name what answers with scores, such as "get_scores"'),
          method: text('must be an HTTP method such as "POST", or be left out').optional(),
          params: z
            .object(
              {
                internal_record_id_path: text(PATH_MISSING).optional(),
                internalRecordIdPath: text(PATH_MISSING).optional(),
              },
              { message: `must be an object with internal_record_id_path, which ${PATH_MISSING}` },
            )
            .passthrough()
            .optional(),
          headers: z.record(z.string(), z.string({ message: "must be a text" })).optional(),
        },
        { message: "must be an object with type, service, endpoint and params" },
      )
      .passthrough(),
    internal_record_id_path: text(PATH_MISSING).optional(),
  })
  .passthrough();

const givenConfig = z
  .object({ ...widget, "widget-data-path": text('must be one dot path, such as "scores"') })
  .passthrough();

export interface AskingSource {
  kind: "asking";
  service: string;
  endpoint: string;
  method: string;
  params: Record<string, unknown>;
  headers: Record<string, string> | undefined;
  recordIdPath: string;
}

export interface GivenSource {
  kind: "given";
  path: string;
}

export interface Misconfigured {
  kind: "misconfigured";
  /** What is wrong where, and how to mend it; a sentence each. */
  problems: string[];
}

/** Where the scores come from. */
export function readConfig(config: unknown): AskingSource | GivenSource | Misconfigured {
  if (typeof config !== "object" || config === null) return misconfigured("the configuration must be an object");
  if ("widget-data-source" in config) return readAsking(config);
  if ("widget-data-path" in config) return readGiven(config);
  return misconfigured(
    "the configuration needs a widget-data-source (the widget asks a service) or a widget-data-path (the host has loaded the scores)",
  );
}

function readAsking(config: object): AskingSource | Misconfigured {
  const read = askingConfig.safeParse(config);
  if (!read.success) return misconfigured(...read.error.issues.map(issueSentence));
  const { service, endpoint, method = "POST", params = {}, headers } = read.data["widget-data-source"];
  const [path] = [...PATH_PARAMETERS.map((name) => params[name]), read.data.internal_record_id_path].filter(Boolean);
  if (path === undefined) return misconfigured(`widget-data-source.params.internal_record_id_path ${PATH_MISSING}`);
  const sent = Object.entries(params).filter(([name]) => !PATH_PARAMETERS.some((parameter) => parameter === name));
  return { kind: "asking", service, endpoint, method, params: Object.fromEntries(sent), headers, recordIdPath: path };
}

function readGiven(config: object): GivenSource | Misconfigured {
  const read = givenConfig.safeParse(config);
  if (!read.success) return misconfigured(...read.error.issues.map(issueSentence));
  return { kind: "given", path: read.data["widget-data-path"] };
}

function misconfigured(...problems: string[]): Misconfigured {
  return { kind: "misconfigured", problems };
}
