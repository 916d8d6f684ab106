import type { Texts } from "./language";
import type { Change } from "./score-history-points";
import type { ScoresHost } from "./types";

interface CauseProps {
  t: Texts;
  change: Change;
  changeRequestHref?: ScoresHost["changeRequestHref"];
}

/** What a score was computed for: a change request, or what was handed in at intake. */
export function Cause({ t, change, changeRequestHref }: CauseProps) {
  const { changeRequestId, submissionId } = change;
  if (changeRequestId !== "") {
    const href = changeRequestHref?.(changeRequestId);
    const id = <bdi className="scores-history-id">{changeRequestId}</bdi>;
    return href === undefined ? id : <a href={href}>{id}</a>;
  }
  if (submissionId === "") return t("history.noCause");
  return (
    <>
      {t("history.submission")} <bdi className="scores-history-id">{submissionId}</bdi>
    </>
  );
}
