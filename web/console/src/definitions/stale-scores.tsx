import { Alert, Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMay } from "../session/session";
import { Refused } from "../shell/faces";
import { useRecompute } from "./queries";
import type { Definition } from "./rules";

interface StaleScoresProps {
  definition: Definition;
  /** As a change has told; null where it told nothing, undefined where nothing was changed. */
  count: number | null | undefined;
}

/** After a change: how many scores are of an older version, and computing them again. */
export function StaleScores({ definition, count }: StaleScoresProps) {
  const { t } = useTranslation("definitions");
  const may = useMay("registerDefinition:manage");
  const recompute = useRecompute();
  const { register_id, score_type, inactive_reason } = definition;
  const isOffered = may && count !== 0 && inactive_reason === null;
  const start = () => recompute.mutate({ register_id, score_types: [score_type], only_stale: true });
  return (
    <div aria-live="polite">
      {count !== undefined && (
        <Alert
          role="none"
          color={count === 0 ? "green" : "yellow"}
          title={t("changeSaved")}
          styles={{ title: { color: "var(--mantine-color-text)" } }}
        >
          {count === null ? t("maybeStale") : t("staleScores", { count })}
          {isOffered && (
            <Group mt="sm">
              <Button size="xs" loading={recompute.isPending} disabled={recompute.isSuccess} onClick={start}>
                {t(recompute.isSuccess ? "recomputationStarted" : "recomputeNow")}
              </Button>
            </Group>
          )}
          {recompute.error !== null && <Refused reason={recompute.error} />}
        </Alert>
      )}
    </div>
  );
}
