export const NAME = "scores-display";
