import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../session/session";
import { Refused } from "../shell/faces";
import { askAgain, type Retried, useRefresh } from "./queries";

interface Progressed {
  done: number;
  total: number;
  isRunning: boolean;
  /** What ended it before its time. */
  refusal: unknown;
}

/** Asks again for all of these, one after the other, until one is refused or somebody has it stop. */
function useRetryAll() {
  const api = useApi();
  const refresh = useRefresh();
  const isStopped = useRef(false);
  const [progress, setProgress] = useState<Progressed | null>(null);
  useEffect(
    () => () => {
      isStopped.current = true;
    },
    [],
  );
  const start = async (rows: Retried[]) => {
    isStopped.current = false;
    const wanted = distinct(rows);
    let done = 0;
    let refusal: unknown = null;
    setProgress({ done, total: wanted.length, isRunning: true, refusal });
    for (const one of wanted) {
      if (isStopped.current || refusal !== null) break;
      try {
        await askAgain(api, one);
        done += 1;
      } catch (reason) {
        refusal = reason;
      }
      setProgress({ done, total: wanted.length, isRunning: true, refusal });
    }
    await refresh();
    setProgress({ done, total: wanted.length, isRunning: false, refusal });
  };
  const stop = () => {
    isStopped.current = true;
  };
  return { progress, start, stop };
}

/** A score type of a record is asked for once, whatever failed how often. */
function distinct(rows: Retried[]): Retried[] {
  return [...new Map(rows.map((one) => [`${one.internal_record_id} ${one.score_type}`, one])).values()];
}

export function RetryAll({ rows }: { rows: Retried[] }) {
  const { t } = useTranslation("work");
  const { progress, start, stop } = useRetryAll();
  const isRunning = progress?.isRunning === true;
  return (
    <Stack gap="xs">
      {(rows.length > 0 || isRunning) && (
        <Group>
          <Button variant="default" loading={isRunning} onClick={() => void start(rows)}>
            {t("retryAll", { count: distinct(rows).length })}
          </Button>
          {isRunning && (
            <Button variant="subtle" onClick={stop}>
              {t("stop")}
            </Button>
          )}
        </Group>
      )}
      {isRunning && <Progress value={(100 * progress.done) / progress.total} aria-label={t("retryProgress")} />}
      <Text size="sm" aria-live="polite">
        {progress !== null && t("retried", { done: progress.done, total: progress.total })}
      </Text>
      {progress?.refusal != null && <Refused reason={progress.refusal} />}
    </Stack>
  );
}
