/** What a service answers, in every shape that OpenG2P's handlers pass on, read into score states. */

import { z } from "zod";
import { issueSentence } from "./issue-sentence";
import { detailOf, fieldOf, problemOfStatus, ScoresProblem } from "./problem";
import type { PastScore, ScoreState, ScoreStatus } from "./types";

// the last three are those of the document's queue
const STATUSES: Record<string, ScoreStatus> = {
  pending: "pending",
  failed: "failed",
  stale: "stale",
  current: "current",
  processing: "pending",
  completed: "current",
};

const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;
const ZONE = /(Z|[+-]\d\d:?\d\d)$/i;
const DAY_AND_TIME = /^(\d{4}-\d\d-\d\d)[T ](?=\d)/i;

const number = z.unknown().transform((value, context) => {
  const read = typeof value === "string" && DECIMAL.test(value) ? Number(value) : value;
  if (typeof read === "number" && Number.isFinite(read)) return read;
  context.addIssue({ code: "custom", message: "is no number" });
  return z.NEVER;
});

// without a zone it is UTC: so their service writes it, and so browsers do not read it
const time = z.unknown().transform((value, context) => {
  const zoned = typeof value === "string" ? zonedTime(value) : "";
  if (!Number.isNaN(Date.parse(zoned))) return zoned;
  context.addIssue({ code: "custom", message: "is no time as ISO 8601 writes it" });
  return z.NEVER;
});

function zonedTime(value: string): string {
  if (!DAY_AND_TIME.test(value)) return value;
  const written = value.replace(DAY_AND_TIME, "$1T");
  return ZONE.test(written) ? written : `${written}Z`;
}

const id = z
  .string({ message: "is no text" })
  .nullish()
  .transform((value) => value ?? "");
const sequence = z
  .number({ message: "is no number" })
  .nullish()
  .transform((value) => value ?? undefined);

const cause = { triggered_by_cr_id: id, triggered_by_submission_id: id };

const state = {
  ...cause,
  score_type: z.string({ message: "is no text" }).min(1, { message: "is empty" }),
  status: z
    .string()
    .nullish()
    .transform((value): ScoreStatus => STATUSES[value?.toLowerCase() ?? ""] ?? "current"),
  reason: z
    .string()
    .nullish()
    .transform((value) => value ?? undefined),
};

const score = z
  .object({ ...state, computed_score: number, computed_at: time, sequence }, { message: "is no object" })
  .transform(
    (read): ScoreState => ({
      ...stateOf(read),
      score: { value: read.computed_score, computedAt: read.computed_at },
      sequence: read.sequence,
    }),
  );

const withoutScore = z
  .object({ ...state, requested_at: time.nullish() }, { message: "is no object" })
  .transform((read): ScoreState => ({ ...stateOf(read), sequence: 0, requestedAt: read.requested_at ?? undefined }));

function stateOf(read: z.output<z.ZodObject<typeof state>>): Omit<ScoreState, "sequence"> {
  return {
    scoreType: read.score_type,
    status: read.status,
    reason: read.reason,
    changeRequestId: read.triggered_by_cr_id,
    submissionId: read.triggered_by_submission_id,
  };
}

const scores = z.object(
  {
    scores: z.array(score, { message: "is no list" }),
    without_score: z.array(withoutScore, { message: "is no list" }).nullish(),
  },
  { message: "the answer is neither a list of scores nor an object with them" },
);

const history = z.object(
  {
    history: z.array(z.object({ ...cause, computed_score: number, computed_at: time, sequence }), {
      message: "is no list",
    }),
    next: z.number().nullish(),
  },
  { message: "the answer is neither a list of past scores nor an object with them" },
);

/** The states of a record's score types; raises ScoresProblem where the answer tells of an error or cannot be read. */
export function readScores(answer: unknown): ScoreState[] {
  const read = parsed(scores, listed(payloadOf(answer, "scores"), "scores"));
  return [...read.scores, ...(read.without_score ?? [])];
}

export function readHistory(answer: unknown): { history: PastScore[]; next: number | undefined } {
  const read = parsed(history, listed(payloadOf(answer, "history"), "history"));
  return { history: read.history, next: read.next ?? undefined };
}

/** An event's `data`: an item of `scores`, or of `without_score`. */
export function readEvent(data: string): ScoreState {
  const item = parsedJson(data);
  return parsed<ScoreState>(fieldOf(item, "computed_score") === undefined ? withoutScore : score, item);
}

function parsedJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new ScoresProblem("unreadable", "an event is no JSON");
  }
}

function parsed<Output>(schema: z.ZodType<Output, unknown>, value: unknown): Output {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new ScoresProblem("unreadable", read.error.issues.slice(0, 3).map(issueSentence).join("; "));
}

function listed(payload: unknown, name: string): unknown {
  return Array.isArray(payload) ? { [name]: payload } : payload;
}

/** What stands within OpenG2P's envelope, and within whatever a client library put around that. */
function payloadOf(answer: unknown, name: string): unknown {
  if (fieldOf(answer, name) !== undefined) return answer;
  const header = fieldOf(answer, "response_header");
  if (fieldOf(header, "response_status") === "ERROR") throw new ScoresProblem("refused", messageOf(header));
  const body = fieldOf(answer, "response_body");
  if (body !== undefined) return payloadOf(fieldOf(body, "response_payload"), name);
  const data = fieldOf(answer, "data");
  if (data !== undefined) return payloadOf(data, name);
  requireNoProblem(answer);
  return answer;
}

function messageOf(header: unknown): string {
  const told = [fieldOf(header, "response_error_message"), fieldOf(header, "response_error_code")];
  return (told.find((one) => typeof one === "string" && one !== "") as string | undefined) ?? "";
}

// of handlers that pass on whatever JSON came, with whatever status
function requireNoProblem(answer: unknown): void {
  const status = fieldOf(answer, "status");
  if (typeof status === "number" && status >= 400) throw problemOfStatus(status, detailOf(answer));
}
