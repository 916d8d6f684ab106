import { ErrorResponse, ErrorTimeout } from "oidc-client-ts";
import { Problem } from "../api/problem";

/** Why one is not signed in: a text, and the words of whoever refused. */
export interface Trouble {
  text:
    | "sessionIsOver"
    | "tokenRefused"
    | "permitsNothing"
    | "serverUnreachable"
    | "providerUnreachable"
    | "providerRefused"
    | "denied"
    | "lost";
  detail?: string;
}

export const SESSION_IS_OVER: Trouble = { text: "sessionIsOver" };

export function asTrouble(reason: unknown): Trouble {
  if (reason instanceof Problem) return asRefusal(reason);
  if (reason instanceof ErrorResponse)
    return reason.error === "access_denied"
      ? { text: "denied" }
      : { text: "providerRefused", detail: reason.error_description ?? reason.error ?? reason.message };
  if (reason instanceof ErrorTimeout || reason instanceof TypeError) return { text: "providerUnreachable" };
  // most of all: the address one came back to is of another tab's or an older sign-in
  return reason instanceof Error ? { text: "lost", detail: reason.message } : { text: "lost" };
}

function asRefusal(problem: Problem): Trouble {
  if (problem.isForbidden) return { text: "permitsNothing" };
  return { text: problem.isPassing ? "serverUnreachable" : "tokenRefused", detail: problem.message };
}
