/** Asks for the scores again and again, as often as it takes while no stream tells of them. */

import { asProblem, ScoresProblem } from "./problem";
import type { ScoresAction } from "./state";
import type { ScoreState } from "./types";
import { backoff, Wait, within } from "./wait";

/** Milliseconds until it is asked again. */
export const WHILE_PENDING = 2_000;
export const AT_REST = 15_000;
/** No event tells that a definition has changed, which makes scores out of date. */
export const WHILE_LIVE = 60_000;
export const LONGEST_WAIT = 30_000;

/** An answer that takes longer is given up. */
const ANSWER_WITHIN = 30_000;

export interface Hears {
  /** Counts up. */
  tick(): number;
  dispatch(action: ScoresAction): void;
  onRefused(problem: ScoresProblem): void;
  /** After a failure there is an answer again. */
  onRecovered(): void;
}

export class Asking {
  readonly #ask: () => Promise<ScoreState[]>;
  readonly #hears: Hears;
  readonly #wait = new Wait();
  #failures = 0;
  #isPending = false;
  #isLive = false;

  constructor(ask: () => Promise<ScoreState[]>, hears: Hears) {
    this.#ask = ask;
    this.#hears = hears;
  }

  /** Until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#wait.cut());
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      if (isFirst || !document.hidden) await this.#askOnce(signal);
      if (!signal.aborted) await this.#wait.for(this.#pause());
    }
  }

  now(): void {
    this.#wait.cut();
  }

  /** While a stream tells what changes, it is asked seldom; whenever that begins or ends, once, as to be sure. */
  setLive(isLive: boolean): void {
    this.#isLive = isLive;
    this.#wait.cut();
  }

  async #askOnce(signal: AbortSignal): Promise<void> {
    const asked = this.#hears.tick();
    try {
      const states = await within(this.#ask(), ANSWER_WITHIN, () => new ScoresProblem("unreachable", ""));
      if (signal.aborted) return;
      const failures = this.#failures;
      this.#failures = 0;
      this.#isPending = states.some((state) => state.status === "pending");
      this.#hears.dispatch({ type: "answered", asked, states });
      if (failures > 0) this.#hears.onRecovered();
    } catch (reason) {
      if (signal.aborted) return;
      const problem = asProblem(reason);
      this.#failures += 1;
      this.#hears.dispatch({ type: "failed", asked, problem });
      if (problem.isFinal) this.#hears.onRefused(problem);
    }
  }

  #pause(): number {
    if (document.hidden) return Infinity;
    if (this.#failures > 0) return backoff(WHILE_PENDING, this.#failures, LONGEST_WAIT);
    if (this.#isLive) return WHILE_LIVE;
    return this.#isPending ? WHILE_PENDING : AT_REST;
  }
}
