import type { ScoreHistory } from "./history-source";
import type { ScoresHost } from "./types";

/** What can be done with a score here; what the host does not offer is missing. */
export interface ScoreActions {
  loadHistory?: ((scoreType: string) => Promise<ScoreHistory>) | undefined;
  /** Resolves when it has been asked for. */
  retry?: ((scoreType: string) => Promise<void>) | undefined;
  changeRequestHref?: ScoresHost["changeRequestHref"];
  /** Of a history's title. */
  headingLevel: HeadingLevel;
}

export type HeadingLevel = 2 | 3 | 4 | 5 | 6;
