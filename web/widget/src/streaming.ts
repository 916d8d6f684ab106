/** Keeps a record's event stream open: connects, goes on where it broke, leaves a server alone that has no room. */

import { isEventStream, readEventStream, type StreamEvent } from "./event-stream";
import { detailOf, problemOfStatus, type ScoresProblem } from "./problem";
import type { ScoreState, ScoresHost } from "./types";
import { backoff, Wait } from "./wait";

export type OpenEvents = (options: Parameters<NonNullable<ScoresHost["openEvents"]>>[1]) => Promise<Response>;

/** Milliseconds without a byte, after which a stream is dead: three of the server's heartbeats. */
export const SILENCE = 45_000;

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/** A server that wants to be left alone for longer is tried all the same. */
const LONGEST_LEAVE = 3_600_000;

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
  /** Until the server wants to be asked again: nothing but the end cuts that. */
  readonly #leave = new Wait();
  readonly #wait = new Wait();
  readonly #unseen = new Wait();
  #connection: AbortController | undefined;
  #isBackingOff = false;
  #isLetGo = false;
  #lastEventId: string | undefined;
  #firstWait = FIRST_WAIT;
  #failures = 0;

  constructor(open: OpenEvents, hears: StreamHears) {
    this.#open = open;
    this.#hears = hears;
  }

  /** Until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => {
      for (const wait of [this.#leave, this.#wait, this.#unseen]) wait.cut();
      this.#connection?.abort();
    });
    while (!signal.aborted) {
      if (document.hidden) await this.#unseen.for(Infinity);
      else await this.#backOff(await this.#connect(signal), signal);
    }
  }

  /** There is reason to think that the server can be reached. */
  now(): void {
    if (this.#isBackingOff && this.#failures > 0) this.#wait.cut();
  }

  /** Browsers share few connections among all pages of a server, so a page that nobody sees holds none. */
  setSeen(isSeen: boolean): void {
    if (isSeen) {
      this.#unseen.cut();
      return;
    }
    this.#isLetGo = true;
    this.#connection?.abort();
  }

  async #backOff(leaveAlone: number, signal: AbortSignal): Promise<void> {
    if (leaveAlone > 0) await this.#leave.for(leaveAlone);
    if (signal.aborted || this.#isLetGo) return;
    this.#isBackingOff = true;
    await this.#wait.for(backoff(this.#firstWait, this.#failures, LONGEST_WAIT) - leaveAlone);
    this.#isBackingOff = false;
  }

  /** Resolves when the connection is over, to the milliseconds for which the server wants to be left alone. */
  async #connect(signal: AbortSignal): Promise<number> {
    const connection = new AbortController();
    this.#connection = connection;
    this.#isLetGo = false;
    // to answer takes no longer than to be silent may
    const tooLate = setTimeout(() => connection.abort(), SILENCE);
    try {
      const response = await this.#open({ lastEventId: this.#lastEventId, signal: connection.signal });
      clearTimeout(tooLate);
      if (!isEventStream(response)) return await this.#refused(response, signal);
      if (!connection.signal.aborted) await this.#read(response, connection.signal);
    } catch {
      this.#countFailure();
    } finally {
      clearTimeout(tooLate);
      connection.abort();
    }
    return 0;
  }

  async #read(response: Response, signal: AbortSignal): Promise<void> {
    const since = performance.now();
    this.#hears.onLive(true);
    const listener = {
      onEvent: ({ id, state }: StreamEvent) => {
        this.#lastEventId = id ?? this.#lastEventId;
        this.#hears.onEvent(state);
      },
      onRetry: (milliseconds: number) => {
        this.#firstWait = milliseconds;
      },
    };
    try {
      await readEventStream(response, SILENCE, listener, signal);
    } catch {
      // broken or ended: either way it goes on after the last event
    } finally {
      if (performance.now() - since >= GOOD_LIFE) this.#failures = 0;
      else this.#countFailure();
      this.#hears.onLive(false);
    }
  }

  async #refused(response: Response, signal: AbortSignal): Promise<number> {
    const problem = problemOfStatus(response.status, detailOf(await response.json().catch(() => undefined)));
    if (problem.isFinal && !signal.aborted) this.#hears.onRefused(problem);
    this.#countFailure();
    // an id that another server gave; without one the stream begins with the current state
    if (problem.kind === "refused") this.#lastEventId = undefined;
    return Math.min(Number(response.headers.get("Retry-After") ?? 0) * 1_000 || 0, LONGEST_LEAVE);
  }

  /** What ends as nobody looks is no failure. */
  #countFailure(): void {
    if (!this.#isLetGo) this.#failures += 1;
  }
}
