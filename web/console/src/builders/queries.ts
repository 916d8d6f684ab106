import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answered } from "../api/client";
import { Problem } from "../api/problem";
import { useApi, useMay } from "../session/session";

const PAGE = 20;
const HISTORY = 200;
const AROUND = 11;
/** What everybody sees and nobody hurries for. */
const SOON_MS = 15_000;

export interface ScoreRange {
  min: number | null;
  max: number | null;
}

/** From the top, with ranks. */
export function useLeaderboard() {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ["builders", "leaderboard"],
    queryFn: ({ pageParam, signal }) =>
      answered(api.GET("/leaderboard", { params: { query: { limit: PAGE, after: pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap((page) => page.users),
  });
}

/** The part of the leaderboard in which this one stands. */
export function useAround(userId: string) {
  const api = useApi();
  const path = { user_id: userId };
  return useQuery({
    queryKey: ["builders", "around", userId],
    queryFn: ({ signal }) =>
      answered(api.GET("/leaderboard/around/{user_id}", { params: { path, query: { limit: AROUND } }, signal })),
    select: (page) => page.users,
  });
}

/** Those with such a score; without ranks. */
export function useByScore({ min, max }: ScoreRange) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ["builders", "by-score", min, max],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, after: pageParam, min_score: min, max_score: max };
      return answered(api.GET("/users", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap((page) => page.users),
  });
}

export function useProfile(userId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["builders", "profile", userId],
    queryFn: ({ signal }) => answered(api.GET("/users/{user_id}", { params: { path: { user_id: userId } }, signal })),
  });
}

/** Newest first. */
export function usePastScores(userId: string, limit = HISTORY) {
  const api = useApi();
  const params = { path: { user_id: userId }, query: { limit } };
  return useQuery({
    queryKey: ["builders", "past-scores", userId, limit],
    queryFn: ({ signal }) => answered(api.GET("/users/{user_id}/score-history", { params, signal })),
    select: (page) => page.history,
    staleTime: SOON_MS,
  });
}

export function useProjects(ownerId: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ["builders", "projects", ownerId],
    queryFn: ({ pageParam, signal }) => {
      const query = { owner_id: ownerId, after: pageParam };
      return answered(api.GET("/projects", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap((page) => page.projects),
  });
}

export function useProject(projectId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["builders", "project", projectId],
    queryFn: ({ signal }) =>
      answered(api.GET("/projects/{project_id}", { params: { path: { project_id: projectId } }, signal })),
  });
}

/** Who that is; null where nobody is. */
export function useFind() {
  const api = useApi();
  return useMutation({ mutationFn: (username: string) => findByUsername(api, username) });
}

export async function findByUsername(api: Api, username: string) {
  try {
    return await answered(api.GET("/users/by-username/{username}", { params: { path: { username } } }));
  } catch (reason) {
    if (reason instanceof Problem && reason.status === 404) return null;
    throw reason;
  }
}

/** One's own profile; null for who has not signed up, and undefined where the token lets nobody take part. */
export function useMe() {
  const api = useApi();
  return useQuery({
    queryKey: ["builders", "me"],
    queryFn: async ({ signal }) => {
      try {
        return await answered(api.GET("/users/me", { signal }));
      } catch (reason) {
        if (reason instanceof Problem && reason.status === 409) return null;
        throw reason;
      }
    },
    enabled: useMay("builder:participate"),
  });
}

export function useMyCollaborations() {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ["builders", "my-collaborations"],
    queryFn: ({ pageParam, signal }) =>
      answered(api.GET("/users/me/collaborations", { params: { query: { after: pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap((page) => page.collaborations),
  });
}

/** By the owner, or by that one alone. */
export async function endCollaboration(api: Api, projectId: string, userId: string) {
  const params = { path: { project_id: projectId, user_id: userId } };
  const { response, error } = await api.DELETE("/projects/{project_id}/collaborators/{user_id}", { params });
  if (!response.ok) throw new Problem(response.status, error ?? {});
}

/** Changes something of one's own, after which all of it is asked for again. */
export function useDeed<Told, Answer>(act: (api: Api, told: Told) => Promise<Answer>) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (told: Told) => act(api, told),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["builders"] }),
  });
}
