import { Alert, Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMay } from "../session/session";
import { Refused } from "../shell/faces";
import { useRecompute } from "./queries";
import type { Definition } from "./rules";

export interface Change {
  /** The first, the second … that was made here. */
  nth: number;
  /** How many scores it has left behind; null where it told nothing. */
  count: number | null;
}

interface StaleScoresProps {
  definition: Definition;
  /** The latest; undefined where nothing was changed. */
  change: Change | undefined;
}

/** After a change: how many scores are of an older version, and computing them again. */
export function StaleScores({ definition, change }: StaleScoresProps) {
  return (
    <div aria-live="polite">
      {/* after each change there are scores to compute again */}
      {change !== undefined && <Told key={change.nth} definition={definition} count={change.count} />}
    </div>
  );
}

function Told({ definition, count }: { definition: Definition; count: number | null }) {
  const { t } = useTranslation("definitions");
  const may = useMay("registerDefinition:manage");
  const recompute = useRecompute();
  const { register_id, score_type, inactive_reason } = definition;
  const isOffered = may && count !== 0 && inactive_reason === null;
  const start = () => recompute.mutate({ register_id, score_types: [score_type], only_stale: true });
  return (
    <Alert role="none" color={count === 0 ? "green" : "yellow"} title={t("changeSaved")}>
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
  );
}
