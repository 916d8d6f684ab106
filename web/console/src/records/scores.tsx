import { ScoresDisplay, type ScoresHost } from "@steadyscore/scores-display";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Session, useMay, useSession } from "../session/session";
import { scoresHost } from "./scores-host";

const SERVICE = "steadyscore";

/** The widget, as any registry's user interface shows it, with this console as its host. */
export function Scores({ recordId }: { recordId: string }) {
  const { t } = useTranslation("records");
  const session = useSession();
  const mayRetry = useMay("registerScore:edit");
  const host = useHost(session, recordId, mayRetry);
  const config = useMemo(
    () => ({
      widget: "scores-display" as const,
      "widget-id": "record-scores",
      "widget-label": t("scores"),
      "widget-data-source": {
        type: "api" as const,
        service: SERVICE,
        endpoint: "get_scores",
        params: { internal_record_id_path: "internal_record_id" },
      },
    }),
    [t],
  );
  return <ScoresDisplay config={config} host={host} headingLevel={3} />;
}

function useHost(session: Session, recordId: string, mayRetry: boolean): ScoresHost {
  return useMemo(
    () => ({ ...scoresHost(session, mayRetry), values: { internal_record_id: recordId } }),
    [session, recordId, mayRetry],
  );
}
