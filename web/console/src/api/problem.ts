import type { components } from "./schema";

type Body = Partial<components["schemas"]["Problem"]>;

/** Of a proxy: what is behind it does not answer (yet, or again). */
const NOBODY_BEHIND: ReadonlySet<number> = new Set([502, 503, 504]);

/** What the API refused, in its own words where it has any; status 0 where there was no answer at all. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string | undefined;
  /** What the API said; where it said nothing the status is told in the reader's language. */
  readonly words: string | undefined;
  /** What was wrong with which field, where the API names fields. */
  readonly fields: ReadonlyArray<components["schemas"]["FieldProblem"]>;

  constructor(status: number, body: Body = {}) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.name = "Problem";
    this.status = status;
    this.code = body.code ?? undefined;
    this.words = body.detail ?? body.title ?? undefined;
    this.fields = body.errors ?? [];
  }

  /** The token permits something else. */
  get isForbidden(): boolean {
    return this.status === 403;
  }

  /** Nobody was there to answer, as while the API starts anew. */
  get isNoAnswer(): boolean {
    return this.status === 0 || NOBODY_BEHIND.has(this.status);
  }

  /** Less should be asked for a while. */
  get isTooMuch(): boolean {
    return this.status === 429;
  }

  /** The same request may succeed later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.isTooMuch || this.status >= 500;
  }
}
