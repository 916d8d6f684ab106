import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answered, type Schemas } from "../api/client";
import { useApi, useMay } from "../session/session";

const PAGE = 50;
const MANY = 500;

/** All registers, of which there are few, by name. */
export function useRegisters() {
  const api = useApi();
  const may = useMay("register:view");
  return useQuery({
    queryKey: ["registers"],
    queryFn: ({ signal }) => allRegisters(api, signal),
    enabled: may,
  });
}

async function allRegisters(api: Api, signal: AbortSignal): Promise<Schemas["Register"][]> {
  const registers: Schemas["Register"][] = [];
  let after: string | null = null;
  do {
    const query: { limit: number; after: string | null } = { limit: MANY, after };
    const page: Schemas["Registers"] = await answered(api.GET("/registers", { params: { query }, signal }));
    registers.push(...page.registers);
    after = page.next;
  } while (after !== null);
  return registers.sort((one, other) => one.register_mnemonic.localeCompare(other.register_mnemonic));
}

/** Not asked for where the token does not permit it, or while nobody knows which. */
export function useRegister(registerId: string | undefined) {
  const api = useApi();
  const may = useMay("register:view");
  return useQuery({
    queryKey: ["register", registerId],
    queryFn: ({ signal }) =>
      answered(
        api.GET("/registers/{register_id}", { params: { path: { register_id: registerId as string } }, signal }),
      ),
    enabled: may && registerId !== undefined,
  });
}

/** A register's records; with words, those that hold them. The words are sent in a body: no address and no log has them. */
export function useRecords(registerId: string, words: string) {
  const api = useApi();
  const path = { register_id: registerId };
  return useInfiniteQuery({
    queryKey: ["records", registerId, words],
    queryFn: ({ pageParam, signal }) =>
      words === ""
        ? answered(
            api.GET("/registers/{register_id}/records", {
              params: { path, query: { limit: PAGE, after: pageParam } },
              signal,
            }),
          )
        : answered(
            api.POST("/registers/{register_id}/search_records", {
              params: { path },
              body: { search_text: words, limit: PAGE, after: pageParam },
              signal,
            }),
          ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap((page) => page.records),
  });
}

export function useCreateRegister() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["CreateRegister"]) => answered(api.POST("/registers", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["registers"] }),
  });
}
