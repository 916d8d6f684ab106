import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answered, type Schemas } from "../api/client";
import { Problem } from "../api/problem";
import { useApi } from "../session/session";

export type Pending = Schemas["PendingRequest"];
export type Failed = Schemas["FailedRequest"];
export type Score = Schemas["ListedScore"];
export type Ready = Schemas["Ready"];

const KEY = "work";
const LIMIT = 50;
/** While the page is visible; a hidden one asks for nothing. */
export const EVERY = 3_000;

interface PageWanted {
  register_id: string;
  limit: number;
  after?: string;
}

/** A register's list that comes in pages and is looked at again by itself. */
function usePages<Page extends { next: string | null }, Row>(
  of: { name: string; registerId: string; filter?: object },
  ask: (api: Api, query: PageWanted) => Promise<Page>,
  rows: (page: Page) => Row[],
) {
  const api = useApi();
  const { name, registerId, filter } = of;
  return useInfiniteQuery({
    queryKey: [KEY, name, registerId, filter],
    queryFn: ({ pageParam }) =>
      ask(api, { register_id: registerId, limit: LIMIT, ...(pageParam !== null && { after: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap(rows),
    refetchInterval: EVERY,
  });
}

export function usePending(registerId: string) {
  return usePages(
    { name: "pending", registerId },
    (api, query) => answered(api.GET("/register-data/pending_requests", { params: { query } })),
    (page) => page.pending_requests,
  );
}

export function useFailed(registerId: string) {
  return usePages(
    { name: "failed", registerId },
    (api, query) => answered(api.GET("/register-data/failed_requests", { params: { query } })),
    (page) => page.failed_requests,
  );
}

export interface ScoreFilter {
  score_type?: string;
  status?: Schemas["ScoreStatus"];
  min_score?: number;
  max_score?: number;
  sort: Schemas["ScoreSort"];
  order: Schemas["Order"];
}

export function useScores(registerId: string, filter: ScoreFilter) {
  return usePages(
    { name: "scores", registerId, filter },
    (api, query) => answered(api.GET("/register-data/scores", { params: { query: { ...query, ...filter } } })),
    (page) => page.scores,
  );
}

/** The score types that a register has definitions for. */
export function useScoreTypes(registerId: string) {
  const api = useApi();
  return useQuery({
    queryKey: [KEY, "types", registerId],
    queryFn: async () => {
      const body = { register_id: registerId };
      const answer = await answered(api.POST("/register-data/get_score_definitions", { body }));
      return answer.score_definitions.map((one) => one.score_type);
    },
    staleTime: 30_000,
  });
}

/** Whether scores are computed; what does not work is told with status 503 and the same body. */
export function useReady() {
  const api = useApi();
  return useQuery({ queryKey: [KEY, "ready"], queryFn: () => readiness(api), refetchInterval: EVERY, retry: false });
}

async function readiness(api: Api): Promise<Ready> {
  const { data, error, response } = await api.GET("/health/ready").catch(() => {
    throw new Problem(0);
  });
  const ready = data ?? error;
  // a proxy in between answers 503 in its own words
  if (typeof ready !== "object" || !("checks" in ready)) throw new Problem(response.status);
  return ready;
}

export type Retried = Pick<Failed, "internal_record_id" | "score_type">;

export function askAgain(api: Api, { internal_record_id, score_type }: Retried) {
  return answered(api.POST("/register-data/retry_scores", { body: { internal_record_id, score_type } }));
}

export function useRetry() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wanted: Retried) => askAgain(api, wanted),
    // it lasts until the lists tell of it
    onSettled: () => queries.invalidateQueries({ queryKey: [KEY] }),
  });
}

export function useRefresh(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: [KEY] });
}
