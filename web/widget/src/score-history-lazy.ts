import { lazy } from "react";

/** The history, whose chart library is loaded when the first one is opened; stands within a `<Suspense>`. */
export const LazyScoreHistory = lazy(() => import("./score-history"));
