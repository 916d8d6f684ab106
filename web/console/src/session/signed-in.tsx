import { Center, Loader } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { answered, makeApi, type Schemas } from "../api/client";
import { Problem } from "../api/problem";
import { pastedToken, providerToken, type TokenSource } from "./providers";
import { type Session, SessionProvider } from "./session";
import { SignIn } from "./sign-in";

/** Where one stands: `asking` the API, `out` (and why one was sent there), or `in`. */
type State =
  | { kind: "asking" }
  | { kind: "unreachable"; problem: Problem }
  | { kind: "out"; surroundings: Schemas["Surroundings"]; source: TokenSource; problem: Problem | null }
  | { kind: "in"; surroundings: Schemas["Surroundings"]; source: TokenSource; bearer: Schemas["Bearer"] };

/** Shows its children to whoever has signed in, with a session; the sign-in to everybody else. */
export function SignedIn({ children }: { children: ReactNode }) {
  const { t } = useTranslation("shell");
  const queries = useQueryClient();
  const [state, setState] = useState<State>({ kind: "asking" });

  const enter = useCallback(async (surroundings: Schemas["Surroundings"], source: TokenSource) => {
    try {
      const bearer = await answered(makeApi(source.token, () => {}).GET("/identity"));
      setState({ kind: "in", surroundings, source, bearer });
    } catch (reason) {
      setState({ kind: "out", surroundings, source, problem: asProblem(reason) });
    }
  }, []);

  const start = useCallback(async () => {
    setState({ kind: "asking" });
    let surroundings: Schemas["Surroundings"];
    try {
      surroundings = await answered(
        makeApi(
          () => null,
          () => {},
        ).GET("/console-settings"),
      );
    } catch (reason) {
      setState({ kind: "unreachable", problem: asProblem(reason) });
      return;
    }
    const source = surroundings.provider === null ? pastedToken() : providerToken(surroundings.provider);
    try {
      if (await source.restore()) await enter(surroundings, source);
      else setState({ kind: "out", surroundings, source, problem: null });
    } catch (reason) {
      setState({ kind: "out", surroundings, source, problem: asProblem(reason) });
    }
  }, [enter]);

  useEffect(() => void start(), [start]);

  const session = useMemo<Session | null>(() => {
    if (state.kind !== "in") return null;
    const { surroundings, source, bearer } = state;
    const leave = (problem: Problem | null) => {
      queries.clear();
      setState({ kind: "out", surroundings, source, problem });
    };
    return {
      api: makeApi(source.token, () => leave(new Problem(401, { detail: t("sessionIsOver") }))),
      bearer,
      surroundings,
      token: source.token,
      signOut: () => {
        void source.signOut();
        leave(null);
      },
    };
  }, [state, queries, t]);

  if (session !== null) return <SessionProvider session={session}>{children}</SessionProvider>;
  if (state.kind === "asking" || state.kind === "in")
    return (
      <Center h="100vh">
        <Loader aria-label={t("loading")} />
      </Center>
    );
  if (state.kind === "unreachable") return <SignIn problem={state.problem} onRetry={() => void start()} />;
  const { surroundings, source, problem } = state;
  return (
    <SignIn
      problem={problem}
      provider={surroundings.provider}
      onSignIn={() => void source.signIn()}
      onToken={(token) => {
        source.take(token);
        void enter(surroundings, source);
      }}
    />
  );
}

function asProblem(reason: unknown): Problem {
  return reason instanceof Problem ? reason : new Problem(401, { detail: String(reason) });
}
