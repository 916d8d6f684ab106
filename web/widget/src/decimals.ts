/** How many decimals scores are written with. */

export const MOST_DECIMALS = 4;

/** The fewest that scores of one table have, so that they can be compared: none where all are whole. */
export function fewestDecimals(scores: readonly number[]): 0 | 2 {
  return scores.every(Number.isInteger) ? 0 : 2;
}

/** Whether it would read as 0, though it is not. */
export function isLost(score: number): boolean {
  return score !== 0 && Number(score.toFixed(MOST_DECIMALS)) === 0;
}
