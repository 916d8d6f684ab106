import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useMemo, useRef } from "react";
import { makeApi, type Schemas } from "../api/client";
import { askWho, type Door } from "./entering";
import { renewedBearer } from "./renewal";
import { type Session, SessionProvider } from "./session";
import { listenToTabs, tellSignedOut } from "./tabs";
import { SESSION_IS_OVER, type Trouble } from "./trouble";

const RENEW_BEFORE_MS = 60_000;
/** Longer ones `setTimeout` does not know. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;
const ASK_AGAIN_MS = 10_000;

interface OpenSessionProps {
  door: Door;
  bearer: Schemas["Bearer"];
  onBearer: (bearer: Schemas["Bearer"]) => void;
  onLeave: (trouble: Trouble | null) => void;
  children: ReactNode;
}

/** Keeps a session open for as long as its token counts or can be renewed; knows what it permits now. */
export function OpenSession({ door, bearer, onBearer, onLeave, children }: OpenSessionProps) {
  const { surroundings, source } = door;
  const queries = useQueryClient();
  const { renewed, over, permissionsMayBeOthers } = useTokenCare({ door, bearer, onBearer, onLeave });
  useExpiry(bearer.expires_at, renewed, over);

  const api = useMemo(
    () =>
      makeApi(
        source.token,
        // one refusal renews or ends the session; what was refused then is asked for again
        async () => {
          if (await over()) await queries.invalidateQueries();
        },
        permissionsMayBeOthers,
      ),
    [source, over, permissionsMayBeOthers, queries],
  );
  const left = useLatest(onLeave);
  useEffect(
    () =>
      listenToTabs({
        subject: bearer.subject,
        shared: () => (surroundings.provider === null ? source.token() : null),
        onSignedOut: () => void source.forget().then(() => left.current(null)),
      }),
    [bearer.subject, surroundings, source, left],
  );
  const session = useMemo<Session>(() => {
    const signOut = async () => {
      tellSignedOut(bearer.subject);
      await source.signOut();
      left.current(null);
    };
    return { api, bearer, surroundings, token: source.token, signOut: () => void signOut() };
  }, [api, bearer, surroundings, source, left]);
  return <SessionProvider session={session}>{children}</SessionProvider>;
}

/** What is done about a token that ends, was refused, or permits something else by now. */
function useTokenCare(props: Omit<OpenSessionProps, "children">) {
  const { source } = props.door;
  const latest = useLatest(props);
  const renewing = useRef<Promise<boolean> | null>(null);
  const asked = useRef(0);
  const pause = usePause();

  const renewed = useCallback((): Promise<boolean> => {
    const renew = async () => {
      const bearer = await renewedBearer(source, pause);
      if (bearer !== null) latest.current.onBearer(bearer);
      return bearer !== null;
    };
    renewing.current ??= renew().finally(() => {
      renewing.current = null;
    });
    return renewing.current;
  }, [source, pause, latest]);

  const over = useCallback(async () => {
    if (await renewed()) return true;
    await source.forget();
    latest.current.onLeave(SESSION_IS_OVER);
    return false;
  }, [source, renewed, latest]);

  const permissionsMayBeOthers = useCallback(async () => {
    if (Date.now() - asked.current < ASK_AGAIN_MS) return;
    asked.current = Date.now();
    const bearer = await askWho(source).catch(() => null);
    const known = latest.current.bearer.permissions;
    if (bearer !== null && bearer.permissions.join() !== known.join()) latest.current.onBearer(bearer);
  }, [source, latest]);

  return { renewed, over, permissionsMayBeOthers };
}

/** Renews the token before it ends; where that cannot be, the session is over when it does. */
function useExpiry(expiresAt: string, renewed: () => Promise<boolean>, over: () => Promise<boolean>) {
  useEffect(() => {
    const left = Date.parse(expiresAt) - Date.now();
    // a clock that is wrong knows no better than the API, which will refuse the token in time
    if (left <= 0 || left > LONGEST_WAIT_MS) return;
    const early = setTimeout(() => void renewed(), Math.max(left - RENEW_BEFORE_MS, left / 2));
    const end = setTimeout(() => void over(), left);
    return () => {
      clearTimeout(early);
      clearTimeout(end);
    };
  }, [expiresAt, renewed, over]);
}

/** A pause; one that outlasts the session has no end, so that nothing follows it. */
function usePause() {
  const isOpen = useRef(false);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);
  return useCallback(
    (milliseconds: number) => new Promise<void>((goOn) => setTimeout(() => isOpen.current && goOn(), milliseconds)),
    [],
  );
}

function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}
