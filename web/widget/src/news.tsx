import { type Language, useLanguage } from "./language";
import type { News as OneNews, ScoresState } from "./state";

const TEXT_OF = {
  computed: "newsComputed",
  pending: "newsPending",
  failed: "newsFailed",
  stale: "newsStale",
  gone: "newsGone",
} as const;

/** Tells a screen reader politely what has changed by itself. */
export function News({ state }: { state: ScoresState }) {
  const language = useLanguage();
  const told = state.news.map((one) => sentence(one, language)).join(" ");
  return (
    <div role="status" className="scores-hidden">
      {told !== "" && <p key={state.newsCount}>{told}</p>}
    </div>
  );
}

function sentence({ kind, scoreType, value }: OneNews, { t, score }: Language): string {
  return t(TEXT_OF[kind], { scoreType, score: value === undefined ? "" : score(value) });
}
