import { lazy } from "react";

/** The history, whose chart library is loaded when the first one is opened; stands within a `<Suspense>`. */
export const LazyScoreHistory = loadAnew();

/** Another attempt at loading it: what failed once stays failed. */
export function loadAnew() {
  return lazy(() => import("./score-history"));
}
