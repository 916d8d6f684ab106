import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answered, type Schemas } from "../api/client";
import { useRegisters } from "../registers/queries";
import { useApi } from "../session/session";
import { isOvertaken } from "./drafts";
import type { AttributeTypes, Definition } from "./rules";

const KEY = "definitions";
/** The builders' register; it is in no list. */
export const BUILDERS = "builders";

/** A register's attributes by dot path; null where they are not known. */
export function useAttributeTypes(registerId: string): AttributeTypes | null {
  const registers = useRegisters();
  return registers.data?.find((one) => one.register_id === registerId)?.attributes ?? null;
}

export function useDefinitions(registerId: string | null) {
  const api = useApi();
  return useQuery({
    queryKey: [KEY, "of", registerId],
    queryFn: () => definitionsOf(api, registerId ?? ""),
    enabled: registerId !== null,
  });
}

async function definitionsOf(api: Api, register_id: string): Promise<Definition[]> {
  return (await answered(api.POST("/register-metadata/get_score_definitions", { body: { register_id } })))
    .score_definitions;
}

export function useWeighted(definitionId: string, isWanted: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: [KEY, "weighted", definitionId],
    queryFn: async () => {
      const body = { score_definition_id: definitionId };
      return (await answered(api.POST("/computation-score/get_score_contributing_attributes", { body })))
        .contributing_attributes;
    },
    enabled: isWanted,
  });
}

export function useHistory(definitionId: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [KEY, "history", definitionId],
    queryFn: ({ pageParam }) => {
      const query = { score_definition_id: definitionId, limit: 20, ...(pageParam !== null && { after: pageParam }) };
      return answered(api.GET("/register-metadata/score_definition_history", { params: { query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap((page) => page.score_definition_history),
  });
}

const ACTIVE: ReadonlySet<string> = new Set(["REQUESTED", "RUNNING", "PAUSED"]);

export function isActive({ status }: { status: string }): boolean {
  return ACTIVE.has(status);
}

/** The latest recomputations of a score type; looked at again while one goes on. */
export function useRecomputations(registerId: string, scoreType: string) {
  const api = useApi();
  return useQuery({
    queryKey: [KEY, "recomputations", registerId],
    queryFn: async () => {
      const query = { register_id: registerId };
      return (await answered(api.GET("/register-metadata/recomputations", { params: { query } }))).recomputations;
    },
    select: (all) => all.filter((one) => one.score_type === scoreType),
    refetchInterval: ({ state }) => (state.data?.some(isActive) ? 2_000 : false),
  });
}

/** A change, after which all that is shown of definitions is asked for again; it lasts until that is there. */
function useChange<Wanted, Answer>(change: (api: Api, wanted: Wanted) => Promise<Answer>, lastsUntilShown = true) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wanted: Wanted) => change(api, wanted),
    onSettled: () => {
      const shown = queries.invalidateQueries({ queryKey: [KEY] });
      return lastsUntilShown ? shown : undefined;
    },
  });
}

export function useUpdate() {
  return useChange((api, body: Schemas["UpdateScoreDefinition"]) =>
    answered(api.POST("/register-metadata/update_score_definition", { body })),
  );
}

interface Save {
  /** What the reader has seen of it. */
  seen: Definition;
  body: Schemas["UpdateScoreDefinition"];
}

/** Saves what nobody else has changed since it was seen; null, and nothing is sent, where somebody has. */
export function useSave() {
  return useChange(async (api, { seen, body }: Save) => {
    const all = await definitionsOf(api, seen.register_id);
    const now = all.find((one) => one.score_definition_id === seen.score_definition_id);
    if (now !== undefined && isOvertaken(seen, now)) return null;
    return answered(api.POST("/register-metadata/update_score_definition", { body }));
  });
}

export type NewDefinition =
  | { isWeighted: false; body: Schemas["CreateScoreDefinition"] }
  | { isWeighted: true; body: Schemas["CreateWeightedScoreDefinition"] };

export function useCreate() {
  return useChange(async (api, wanted: NewDefinition) => {
    const answer = wanted.isWeighted
      ? await answered(api.POST("/computation-score/create_score_definition", { body: wanted.body }))
      : await answered(api.POST("/register-metadata/create_score_definition", { body: wanted.body }));
    return answer.score_definition;
  });
}

/** Of what it removes nothing is shown afterwards: nobody would be there to hear of the end. */
export function useDelete() {
  return useChange(
    (api, score_definition_id: string) =>
      answered(api.POST("/computation-score/delete_score_definition", { body: { score_definition_id } })),
    false,
  );
}

export type WeightedWanted =
  | { kind: "create"; body: Schemas["CreateContributingAttribute"] }
  | { kind: "update"; body: Schemas["UpdateContributingAttribute"] }
  | { kind: "delete"; body: Schemas["ChooseContributingAttribute"] };

export function useChangeWeighted() {
  return useChange(async (api, { kind, body }: WeightedWanted): Promise<void> => {
    if (kind === "create") await answered(api.POST("/computation-score/create_score_contributing_attribute", { body }));
    if (kind === "update") await answered(api.POST("/computation-score/update_score_contributing_attribute", { body }));
    if (kind === "delete") await answered(api.POST("/computation-score/delete_score_contributing_attribute", { body }));
  }, false);
}

export function useRecompute() {
  return useChange((api, body: Schemas["RecomputeScores"]) =>
    answered(api.POST("/register-metadata/recompute_scores", { body })),
  );
}

export type Control = "pause" | "resume" | "cancel";

export function useControl() {
  return useChange((api, { control, id }: { control: Control; id: string }) => {
    const body = { recomputation_id: id };
    if (control === "pause") return answered(api.POST("/register-metadata/pause_recomputation", { body }));
    if (control === "resume") return answered(api.POST("/register-metadata/resume_recomputation", { body }));
    return answered(api.POST("/register-metadata/cancel_recomputation", { body }));
  });
}
