import { Center, Loader } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { begun, entered, type State } from "./entering";
import { OpenSession } from "./open-session";
import { isTokenInAddress } from "./pasted-token";
import { SignIn } from "./sign-in";
import { asTrouble, type Trouble } from "./trouble";

/** Shows its children to whoever has signed in, with a session; the sign-in to everybody else. */
export function SignedIn({ children }: { children: ReactNode }) {
  const { t } = useTranslation("shell");
  const queries = useQueryClient();
  const [state, setState] = useState<State>({ kind: "asking" });
  const start = useCallback(async () => {
    setState({ kind: "asking" });
    // nobody sees what somebody else has loaded
    queries.clear();
    setState(await begun());
  }, [queries]);
  useEffect(() => void start(), [start]);
  useTokenInAddress(start);

  if (state.kind === "asking")
    return (
      <Center h="100vh">
        <Loader aria-label={t("loading")} />
      </Center>
    );
  if (state.kind === "unreachable") return <SignIn trouble={state.trouble} onRetry={start} />;
  const { door } = state;
  const leave = (trouble: Trouble | null) => {
    setState({ kind: "out", door, trouble });
    queries.clear();
  };
  if (state.kind === "in")
    return (
      <OpenSession
        door={door}
        bearer={state.bearer}
        onBearer={(bearer) => setState((now) => (now.kind === "in" ? { ...now, bearer } : now))}
        onLeave={leave}
      >
        {children}
      </OpenSession>
    );
  return (
    <SignIn
      trouble={state.trouble}
      provider={door.surroundings.provider}
      onSignIn={() => void door.source.signIn().catch((reason: unknown) => leave(asTrouble(reason)))}
      onToken={(token) => {
        door.source.take(token);
        void entered(door).then(setState);
      }}
      onRetry={start}
      onSignOut={() => void door.source.signOut().then(() => leave(null))}
    />
  );
}

/** `steadyscore console` may open its address in a tab that shows the console already. */
function useTokenInAddress(start: () => Promise<void>) {
  useEffect(() => {
    const look = () => {
      if (isTokenInAddress()) void start();
    };
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, [start]);
}
