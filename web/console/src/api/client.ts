import createClient, { type Client } from "openapi-fetch";
import { Problem } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Api = Client<paths>;

/** Of a route that answers with or without an envelope, the answer without. */
export type Plain<Answer> = Answer extends { response_header: unknown } ? never : Answer;

/** Where the API is: whatever prefix a proxy adds, the page stands beside it. */
export const API_URL = new URL("./", document.baseURI).href.replace(/\/$/, "");

/**
 * A client of the HTTP interface that sends this token; `onRefused` hears of a token that does not count (any more),
 * `onForbidden` of one that does not permit what was asked.
 */
export function makeApi(token: () => string | null, onRefused: () => void, onForbidden: () => void = () => {}): Api {
  const api = createClient<paths>({ baseUrl: API_URL, cache: "no-store" });
  api.use({
    onRequest({ request }) {
      const current = token();
      if (current !== null) request.headers.set("Authorization", `Bearer ${current}`);
      return request;
    },
    onResponse({ response }) {
      if (response.status === 401) onRefused();
      if (response.status === 403) onForbidden();
    },
  });
  return api;
}

/** What was answered; raises Problem where it was refused, and where there was no answer. */
export async function answered<Answer>(
  call: Promise<{ data?: Answer; error?: unknown; response: Response }>,
): Promise<Plain<NonNullable<Answer>>> {
  const { data, error, response } = await call.catch((reason: unknown) => {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw new Problem(0);
  });
  if (!response.ok || data === undefined) throw new Problem(response.status, isObject(error) ? error : {});
  return data as Plain<NonNullable<Answer>>;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
