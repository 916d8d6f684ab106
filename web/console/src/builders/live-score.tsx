import { ScoresDisplay, type ScoresHost } from "@steadyscore/scores-display";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { scoresHost } from "../records/scores-host";
import { useMay, useSession } from "../session/session";

/** The widget of every record, as a builder is one to the core; what causes a score here is no change request. */
export default function LiveScore({ userId }: { userId: string }) {
  const { t } = useTranslation("builders");
  const session = useSession();
  const mayRetry = useMay("registerScore:edit");
  const host = useMemo<ScoresHost>(
    () => ({
      ...scoresHost(session, mayRetry),
      changeRequestHref: undefined,
      values: { internal_record_id: userId },
    }),
    [session, mayRetry, userId],
  );
  const config = useMemo(
    () => ({
      widget: "scores-display" as const,
      "widget-id": "builder-score",
      "widget-label": t("score"),
      "widget-data-source": {
        type: "api" as const,
        service: "steadyscore",
        endpoint: "get_scores",
        params: { internal_record_id_path: "internal_record_id" },
      },
    }),
    [t],
  );
  return <ScoresDisplay config={config} host={host} headingLevel={3} />;
}
