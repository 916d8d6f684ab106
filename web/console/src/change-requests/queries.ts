import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answered, type Schemas } from "../api/client";
import { useApi } from "../session/session";
import { pagesRefreshedAfter, REFRESHED_AFTER } from "../shell/refreshed";

const PAGE = 25;

export type Status = Schemas["ChangeRequestStatus"];

export interface Wanted {
  register_id?: string;
  internal_record_id?: string;
  status?: Status;
}

/** Change requests, newest first; without register and record only those that wait. */
export function useChangeRequests(wanted: Wanted) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ["change-requests", wanted],
    queryFn: ({ pageParam, signal }) =>
      answered(
        api.GET("/change-requests", { params: { query: { ...wanted, limit: PAGE, after: pageParam } }, signal }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap((page) => page.change_requests),
    refetchInterval: pagesRefreshedAfter,
  });
}

export function useChangeRequest(changeRequestId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["change-request", changeRequestId],
    queryFn: ({ signal }) =>
      answered(
        api.GET("/change-requests/{change_request_id}", {
          params: { path: { change_request_id: changeRequestId } },
          signal,
        }),
      ),
    // what was decided stays so
    refetchInterval: ({ state }) => (state.data === undefined || state.data.status === "PENDING") && REFRESHED_AFTER,
  });
}

export type Verdict = "approve" | "reject";

/** Approves or rejects; whatever comes of it, what is shown of the change request and its record is asked for again. */
export function useDecide() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, verdict }: { id: string; verdict: Verdict }) =>
      answered(
        api.POST(
          verdict === "approve"
            ? "/change-requests/{change_request_id}/approve"
            : "/change-requests/{change_request_id}/reject",
          { params: { path: { change_request_id: id } } },
        ),
      ),
    onSettled: () => {
      const concerned = ["change-requests", "change-request", "record", "record-history", "records"];
      for (const key of concerned) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
}
