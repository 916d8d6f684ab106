import type { components } from "./schema";

type Body = Partial<components["schemas"]["Problem"]>;

/** What the API refused, in its own words; status 0 where there was no answer at all. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string | undefined;
  /** What was wrong with which field, where the API names fields. */
  readonly fields: ReadonlyArray<components["schemas"]["FieldProblem"]>;

  constructor(status: number, body: Body = {}) {
    super(body.detail ?? body.title ?? (status === 0 ? "the server does not answer" : `HTTP ${status}`));
    this.name = "Problem";
    this.status = status;
    this.code = body.code ?? undefined;
    this.fields = body.errors ?? [];
  }

  /** The token permits something else. */
  get isForbidden(): boolean {
    return this.status === 403;
  }

  /** The same request may succeed later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}
