/** A wait that can be cut short; a cut that comes before the wait begins counts, too. */
export class Wait {
  #isCut = false;
  #end: (() => void) | undefined;

  /** For ever where `milliseconds` is Infinity. */
  async for(milliseconds: number): Promise<void> {
    if (!this.#isCut) {
      await new Promise<void>((resolve) => {
        const timer = milliseconds === Infinity ? undefined : setTimeout(resolve, milliseconds);
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#end = undefined;
    this.#isCut = false;
  }

  cut(): void {
    this.#isCut = true;
    this.#end?.();
  }
}

/** Raises what `problem` makes where the promise has not settled by then. */
export async function within<Value>(
  promise: Promise<Value>,
  milliseconds: number,
  problem: () => Error,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(problem()), milliseconds);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Doubles with each failure, never above `most`; readers that lost the same server do not come back in step. */
export function backoff(first: number, failures: number, most: number): number {
  return Math.min(first * 2 ** failures, most) * (0.5 + Math.random() / 2);
}
