/** Why there are no scores, whatever it was that the host's handler, a stream or an answer told. */

export type ProblemKind = "forbidden" | "signedOut" | "unreachable" | "refused" | "unreadable";

export class ScoresProblem extends Error {
  readonly kind: ProblemKind;

  constructor(kind: ProblemKind, message: string) {
    super(message);
    this.name = "ScoresProblem";
    this.kind = kind;
  }

  /** Asking again changes nothing until the reader has signed in anew or got another role. */
  get isFinal(): boolean {
    return this.kind === "forbidden" || this.kind === "signedOut";
  }
}

/** The problem that a refusal with this HTTP status is; `detail` is what the service says itself. */
export function problemOfStatus(status: number, detail = ""): ScoresProblem {
  const kind = kindOf(status);
  // what these mean is said in the reader's language
  const isKnown = status === 0 || kind === "forbidden" || kind === "signedOut";
  return new ScoresProblem(kind, detail || (isKnown ? "" : `HTTP ${status}`));
}

function kindOf(status: number): ProblemKind {
  if (status === 403) return "forbidden";
  if (status === 401) return "signedOut";
  return status === 0 || status === 408 || status === 429 || status >= 500 ? "unreachable" : "refused";
}

/** What a handler threw: ours, an error with a status (as axios and others make them), or fetch's own TypeError. */
export function asProblem(reason: unknown): ScoresProblem {
  if (reason instanceof ScoresProblem) return reason;
  const response = fieldOf(reason, "response");
  const status = [fieldOf(reason, "status"), fieldOf(reason, "statusCode"), fieldOf(response, "status")].find(isNumber);
  const said = [fieldOf(response, "data"), reason].map(detailOf).find((detail) => detail !== "") ?? "";
  if (status !== undefined) return problemOfStatus(status, said);
  if (isOfNetwork(reason)) return new ScoresProblem("unreachable", "");
  return new ScoresProblem("refused", said || String(reason));
}

/** Browsers and libraries word these for developers, each in its own way. */
function isOfNetwork(reason: unknown): boolean {
  return reason instanceof TypeError || fieldOf(reason, "code") === "ERR_NETWORK";
}

/** What an error or a body of problem details says in words. */
export function detailOf(body: unknown): string {
  const told = [fieldOf(body, "detail"), fieldOf(body, "title"), fieldOf(body, "message")];
  return told.find((one) => typeof one === "string") ?? "";
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}
