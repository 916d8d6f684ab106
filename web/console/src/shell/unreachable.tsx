import { Alert } from "@mantine/core";
import { notifyManager, type Query, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { answered } from "../api/client";
import { Problem } from "../api/problem";
import { useApi } from "../session/session";

const ASK_EVERY_MS = 3_000;

/** Says that the server does not answer, asks until it does, and then has everything asked for again. */
export function Unreachable() {
  const { t } = useTranslation("shell");
  const queries = useQueryClient();
  const api = useApi();
  const isLost = useIsLost();
  useEffect(() => {
    if (!isLost) return;
    const ask = async () => {
      const isThere = await answered(api.GET("/console-settings")).then(
        () => true,
        (reason: unknown) => !isNoAnswer(reason),
      );
      // what is being asked already is left to finish: it may be slow
      if (isThere) await queries.invalidateQueries({}, { cancelRefetch: false });
    };
    const asking = setInterval(() => void ask(), ASK_EVERY_MS);
    return () => clearInterval(asking);
  }, [isLost, api, queries]);
  return (
    // there before it has anything to say: what comes with its words is not read aloud
    <div role="status" className="unreachable">
      {isLost && (
        <Alert color="red.9" variant="filled" title={t("unreachable")} mb="md">
          {t("goesOnByItself")}
        </Alert>
      )}
    </div>
  );
}

/** Whether anything that is shown could not be asked for. */
function useIsLost(): boolean {
  const cache = useQueryClient().getQueryCache();
  return useSyncExternalStore(
    useCallback((onChange: () => void) => cache.subscribe(notifyManager.batchCalls(onChange)), [cache]),
    () => cache.getAll().some((query) => query.isActive() && isLostQuery(query)),
  );
}

function isLostQuery({ state }: Query): boolean {
  return isNoAnswer(state.error) || isNoAnswer(state.fetchFailureReason);
}

function isNoAnswer(reason: unknown): boolean {
  return reason instanceof Problem && reason.isNoAnswer;
}
