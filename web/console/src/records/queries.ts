import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answered, type Schemas } from "../api/client";
import { useApi, useMay } from "../session/session";

const VERSIONS = 20;
const COMPUTATIONS = 50;
const REFRESHED_AFTER = 15_000;

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
  return useInfiniteQuery({
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
  });
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
  return useQuery({
    queryKey: ["computations", internalRecordId, scoreType],
    queryFn: async ({ signal }) => {
      const body = { internal_record_id: internalRecordId, score_type: scoreType, limit: COMPUTATIONS };
      return (await answered(api.POST("/register-data/get_score_history", { body, signal }))).history;
    },
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

export function useCreateChangeRequest() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["CreateChangeRequest"]) => answered(api.POST("/change-requests", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["change-requests"] }),
  });
}
