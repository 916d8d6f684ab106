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

/** The address one came back to is of another tab's sign-in or an older one. */
export class LostSignIn extends Error {}

export function asTrouble(reason: unknown): Trouble {
  if (reason instanceof Problem) return asRefusal(reason);
  if (reason instanceof ErrorResponse)
    return reason.error === "access_denied"
      ? { text: "denied" }
      : { text: "providerRefused", detail: reason.error_description ?? reason.error ?? reason.message };
  if (reason instanceof ErrorTimeout || reason instanceof TypeError) return { text: "providerUnreachable" };
  if (reason instanceof LostSignIn) return { text: "lost" };
  // such as an answer that is no provider's, or a page that is no secure context
  return { text: "providerRefused", detail: reason instanceof Error ? reason.message : String(reason) };
}

function asRefusal(problem: Problem): Trouble {
  if (problem.isForbidden) return { text: "permitsNothing" };
  const text = problem.isPassing ? "serverUnreachable" : "tokenRefused";
  return problem.words === undefined ? { text } : { text, detail: problem.words };
}
