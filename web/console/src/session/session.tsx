import { createContext, type ReactNode, useContext } from "react";
import type { Api, Schemas } from "../api/client";

export type Permission = Schemas["Permission"];

/** Who looks, what that one may do, and where things are. */
export interface Session {
  api: Api;
  bearer: Schemas["Bearer"];
  surroundings: Schemas["Surroundings"];
  /** The token as it is now; for what is not asked through `api`. */
  token(): string | null;
  signOut(): void;
}

const Context = createContext<Session | null>(null);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context value={session}>{children}</Context>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (session === null) throw new Error("useSession stands outside of a SessionProvider");
  return session;
}

export function useApi(): Api {
  return useSession().api;
}

/** Whether the token permits any one of these. */
export function useMay(...wanted: Permission[]): boolean {
  const { permissions } = useSession().bearer;
  return wanted.some((one) => permissions.includes(one));
}
