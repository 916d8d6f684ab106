import { useState } from "react";
import { type Language, useLanguage } from "./language";
import type { News as OneNews, ScoresState } from "./state";

const TEXT_OF = {
  computed: "newsComputed",
  pending: "newsPending",
  failed: "newsFailed",
  stale: "newsStale",
  gone: "newsGone",
} as const;

/** Tells a screen reader politely what has changed by itself, and all that has since it was last told. */
export function News({ state }: { state: ScoresState }) {
  const language = useLanguage();
  const [told, setTold] = useState({ until: 0, since: 0 });
  if (told.until !== state.newsCount) setTold({ until: state.newsCount, since: told.until });
  const news = state.news.filter(({ count }) => count > told.since);
  return (
    <div role="status" className="scores-hidden">
      {news.length > 0 && <p key={state.newsCount}>{news.map((one) => sentence(one, language)).join(" ")}</p>}
    </div>
  );
}

function sentence({ kind, scoreType, value }: OneNews, { t, score }: Language): string {
  return t(TEXT_OF[kind], { scoreType, score: value === undefined ? "" : score(value) });
}
