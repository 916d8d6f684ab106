import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSession } from "../session/session";

/** To a run in Temporal's Web UI; nothing where there is no run, or no address of the UI is known. */
export function RunLink({ workflowId, of }: { workflowId: string | null; of?: string }) {
  const { t } = useTranslation("work");
  const { temporal_ui_url, temporal_namespace } = useSession().bearer;
  if (workflowId === null || temporal_ui_url === null) return null;
  const home = temporal_ui_url.replace(/\/+$/, "");
  const run = `namespaces/${encodeURIComponent(temporal_namespace)}/workflows/${encodeURIComponent(workflowId)}`;
  return (
    <Anchor
      size="sm"
      href={`${home}/${run}`}
      target="_blank"
      rel="noreferrer"
      aria-label={of === undefined ? undefined : t("runOf", { of })}
      style={{ whiteSpace: "nowrap" }}
    >
      {t("run")}
    </Anchor>
  );
}
