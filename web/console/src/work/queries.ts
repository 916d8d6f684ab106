import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type Api, answered, type Schemas } from "../api/client";
import { Problem } from "../api/problem";
import { useApi } from "../session/session";
import { REFRESHED_AFTER } from "../shell/refreshed";

export type Pending = Schemas["PendingRequest"];
export type Failed = Schemas["FailedRequest"];
export type Score = Schemas["ListedScore"];
export type Ready = Schemas["Ready"];

const KEY = "work";
const LIMIT = 50;
/** While the page is visible; a hidden one asks for nothing. */
const EVERY = 3_000;

interface PageWanted {
  register_id: string;
  limit: number;
  after?: string;
}

export interface Listed<Row> {
  query: UseInfiniteQueryResult<Row[]>;
  /** Of several pages: each time all of them would be asked for, so it is not looked at again by itself. */
  isLong: boolean;
}

/** A register's list that comes in pages; the first alone is looked at again by itself, often where it is shown. */
function usePages<Page extends { next: string | null }, Row>(
  of: { name: string; registerId: string; filter?: object; isShown: boolean },
  ask: (api: Api, query: PageWanted, signal: AbortSignal) => Promise<Page>,
  rows: (page: Page) => Row[],
): Listed<Row> {
  const api = useApi();
  const { name, registerId, filter, isShown } = of;
  const queryKey = [KEY, name, registerId, filter];
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      ask(api, { register_id: registerId, limit: LIMIT, ...(pageParam !== null && { after: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap(rows),
    refetchInterval: ({ state }) => !hasSeveral(state.data) && (isShown ? EVERY : REFRESHED_AFTER),
  });
  return { query, isLong: hasSeveral(useQueryClient().getQueryData<InfiniteData<Page>>(queryKey)) };
}

function hasSeveral(data: InfiniteData<unknown, unknown> | undefined): boolean {
  return data !== undefined && data.pages.length > 1;
}

export function usePending(registerId: string, isShown: boolean) {
  return usePages(
    { name: "pending", registerId, isShown },
    (api, query, signal) => answered(api.GET("/register-data/pending_requests", { params: { query }, signal })),
    (page) => page.pending_requests,
  );
}

export function useFailed(registerId: string, isShown: boolean) {
  return usePages(
    { name: "failed", registerId, isShown },
    (api, query, signal) => answered(api.GET("/register-data/failed_requests", { params: { query }, signal })),
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
    { name: "scores", registerId, filter, isShown: true },
    (api, query, signal) =>
      answered(api.GET("/register-data/scores", { params: { query: { ...query, ...filter } }, signal })),
    (page) => page.scores,
  );
}

/** The score types that a register has definitions for. */
export function useScoreTypes(registerId: string) {
  const api = useApi();
  return useQuery({
    queryKey: [KEY, "types", registerId],
    queryFn: async ({ signal }) => {
      const body = { register_id: registerId };
      const answer = await answered(api.POST("/register-data/get_score_definitions", { body, signal }));
      return answer.score_definitions.map((one) => one.score_type);
    },
    staleTime: 30_000,
  });
}

/** Whether scores are computed; what does not work is told with status 503 and the same body. */
export function useReady() {
  const api = useApi();
  return useQuery({
    queryKey: [KEY, "ready"],
    queryFn: ({ signal }) => readiness(api, signal),
    refetchInterval: EVERY,
    retry: false,
  });
}

async function readiness(api: Api, signal: AbortSignal): Promise<Ready> {
  const { data, error, response } = await api.GET("/health/ready", { signal }).catch(() => {
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
