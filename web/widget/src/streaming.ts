/** Keeps a record's event stream open: connects, goes on where it broke, leaves a server alone that has no room. */

import { isEventStream, readEventStream } from "./event-stream";
import { detailOf, problemOfStatus, type ScoresProblem } from "./problem";
import type { ScoreState, ScoresHost } from "./types";
import { backoff, Wait } from "./wait";

export type OpenEvents = (options: Parameters<NonNullable<ScoresHost["openEvents"]>>[1]) => Promise<Response>;

/** Milliseconds without a byte, after which a stream is dead: three of the server's heartbeats. */
export const SILENCE = 45_000;

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/** A stream that lived so long was a good one; what ends sooner counts as a failure. */
const GOOD_LIFE = 5_000;

interface StreamHears {
  onEvent(state: ScoreState): void;
  onLive(isLive: boolean): void;
  onRefused(problem: ScoresProblem): void;
}

export class Streaming {
  readonly #open: OpenEvents;
  readonly #hears: StreamHears;
  readonly #wait = new Wait();
  #lastEventId: string | undefined;
  #firstWait = FIRST_WAIT;
  #failures = 0;

  constructor(open: OpenEvents, hears: StreamHears) {
    this.#open = open;
    this.#hears = hears;
  }

  /** Until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#wait.cut());
    while (!signal.aborted) {
      const leaveAlone = await this.#connect(signal);
      if (!signal.aborted)
        await this.#wait.for(Math.max(leaveAlone, backoff(this.#firstWait, this.#failures, LONGEST_WAIT)));
    }
  }

  /** There is reason to think that the server can be reached. */
  now(): void {
    if (this.#failures > 0) this.#wait.cut();
  }

  /** Resolves when the connection is over, to the milliseconds for which the server wants to be left alone. */
  async #connect(signal: AbortSignal): Promise<number> {
    const connection = new AbortController();
    const end = () => connection.abort();
    signal.addEventListener("abort", end);
    // to answer takes no longer than to be silent may
    const tooLate = setTimeout(end, SILENCE);
    try {
      const response = await this.#open({ lastEventId: this.#lastEventId, signal: connection.signal });
      clearTimeout(tooLate);
      if (!isEventStream(response)) return await this.#refused(response, signal);
      if (!signal.aborted) await this.#read(response);
    } catch {
      this.#failures += 1;
    } finally {
      clearTimeout(tooLate);
      signal.removeEventListener("abort", end);
      end();
    }
    return 0;
  }

  async #read(response: Response): Promise<void> {
    const since = performance.now();
    this.#hears.onLive(true);
    try {
      await readEventStream(response, SILENCE, {
        onEvent: ({ id, state }) => {
          this.#lastEventId = id ?? this.#lastEventId;
          this.#hears.onEvent(state);
        },
        onRetry: (milliseconds) => {
          this.#firstWait = milliseconds;
        },
      });
    } catch {
      // broken or ended: either way it goes on after the last event
    } finally {
      this.#failures = performance.now() - since >= GOOD_LIFE ? 0 : this.#failures + 1;
      this.#hears.onLive(false);
    }
  }

  async #refused(response: Response, signal: AbortSignal): Promise<number> {
    const problem = problemOfStatus(response.status, detailOf(await response.json().catch(() => undefined)));
    if (problem.isFinal && !signal.aborted) this.#hears.onRefused(problem);
    this.#failures += 1;
    // an id that another server gave; without one the stream begins with the current state
    if (problem.kind === "refused") this.#lastEventId = undefined;
    return Number(response.headers.get("Retry-After") ?? 0) * 1_000 || 0;
  }
}
