import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answered } from "../api/client";
import { useApi, useMay } from "../session/session";
import { pagesRefreshedAfter, REFRESHED_AFTER } from "../shell/refreshed";
import { type AskedFor, createOnce, type Unanswered } from "./sending";

const VERSIONS = 20;
const COMPUTATIONS = 50;

export function useRecord(internalRecordId: string | null) {
  const api = useApi();
  const may = useMay("registerRecord:view");
  return useQuery({
    queryKey: ["record", internalRecordId],
    queryFn: ({ signal }) =>
      answered(
        api.GET("/records/{internal_record_id}", {
          params: { path: { internal_record_id: internalRecordId as string } },
          signal,
        }),
      ),
    enabled: may && internalRecordId !== null,
    // somebody else may approve a change meanwhile
    refetchInterval: REFRESHED_AFTER,
  });
}

/** The record after each approved change, newest first. */
export function useVersions(internalRecordId: string) {
  const api = useApi();
  const versions = useInfiniteQuery({
    queryKey: ["record-history", internalRecordId],
    queryFn: ({ pageParam, signal }) =>
      answered(
        api.GET("/records/{internal_record_id}/history", {
          params: { path: { internal_record_id: internalRecordId }, query: { limit: VERSIONS, before: pageParam } },
          signal,
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap((page) => page.history),
    refetchInterval: pagesRefreshedAfter,
  });
  const { data: record } = useRecord(internalRecordId);
  const newest = versions.data?.[0]?.version;
  const isBehind = newest !== undefined && record !== undefined && newest < record.version;
  const { refetch } = versions;
  useEffect(() => {
    if (isBehind) void refetch();
  }, [isBehind, refetch]);
  return versions;
}

/** The score types that the record has a score of. */
export function useScoreTypes(internalRecordId: string, isWanted: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["score-types", internalRecordId],
    queryFn: async ({ signal }) => {
      const body = { internal_record_id: internalRecordId };
      const { scores } = await answered(api.POST("/register-data/get_scores", { body, signal }));
      return scores.map((score) => score.score_type);
    },
    enabled: isWanted,
  });
}

/** The computations of a score type, newest first. */
export function useComputations(internalRecordId: string, scoreType: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ["computations", internalRecordId, scoreType],
    queryFn: ({ pageParam, signal }) => {
      const wanted = { internal_record_id: internalRecordId, score_type: scoreType, limit: COMPUTATIONS };
      const body = pageParam === null ? wanted : { ...wanted, before: pageParam };
      return answered(api.POST("/register-data/get_score_history", { body, signal }));
    },
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap((page) => page.history),
  });
}

/** All that a score was computed from. */
export function useExplanation(internalRecordId: string, scoreType: string, sequence: number) {
  const api = useApi();
  return useQuery({
    queryKey: ["explanation", internalRecordId, scoreType, sequence],
    queryFn: ({ signal }) =>
      answered(
        api.POST("/register-data/explain_score", {
          body: { internal_record_id: internalRecordId, score_type: scoreType, sequence },
          signal,
        }),
      ),
  });
}

/** Asks for a change; may be sent again where no answer came. */
export function useCreateChangeRequest() {
  const api = useApi();
  const queries = useQueryClient();
  const [unanswered] = useState<Unanswered>(() => new Map());
  return useMutation({
    mutationFn: (body: AskedFor) => createOnce(api, body, unanswered),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["change-requests"] }),
  });
}
