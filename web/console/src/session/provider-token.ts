import { ErrorResponse, UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { Schemas } from "../api/client";
import type { TokenSource } from "./token-source";
import { LostSignIn } from "./trouble";

/** Refusals of a renewal that asking again does not change. */
const FINAL: ReadonlySet<string> = new Set([
  "invalid_grant",
  "invalid_client",
  "invalid_request",
  "invalid_scope",
  "unauthorized_client",
  "unsupported_grant_type",
  "access_denied",
  "login_required",
  "interaction_required",
]);

/** Code flow with PKCE at an OpenID Connect provider; refresh tokens renew it where the provider gives them. */
export function providerToken(provider: Schemas["Provider"]): TokenSource {
  const home = new URL("./", document.baseURI).href;
  const manager = managerOf(provider, home);
  let token: string | null = null;
  const forget = async () => {
    token = null;
    await manager.removeUser();
  };
  return {
    token: () => token,
    restore: async () => {
      token = isReturning() ? await comeBack(manager, home) : await kept(manager);
      return token !== null;
    },
    // the page one wants stands behind `#`, which the provider does not send back
    signIn: () => manager.signinRedirect({ state: window.location.hash }),
    take: () => {},
    renew: async () => {
      const renewed = await renewedToken(manager);
      token = renewed ?? token;
      return renewed !== null;
    },
    forget,
    // a provider need not have a page for it
    signOut: () => manager.signoutRedirect().catch(forget),
  };
}

function managerOf(provider: Schemas["Provider"], home: string): UserManager {
  return new UserManager({
    authority: provider.issuer,
    client_id: provider.client_id,
    scope: provider.scope,
    redirect_uri: home,
    post_logout_redirect_uri: home,
    response_type: "code",
    // SignedIn renews: it must ask for the new token's permissions as well
    automaticSilentRenew: false,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
  });
}

function isReturning(): boolean {
  const parameters = new URLSearchParams(window.location.search);
  return parameters.has("error") || (parameters.has("code") && parameters.has("state"));
}

async function comeBack(manager: UserManager, home: string): Promise<string> {
  const returned = window.location.href;
  // it holds the code: it goes, whatever comes of it
  window.history.replaceState(null, "", home);
  const state = new URL(returned).searchParams.get("state") ?? "";
  if ((await manager.settings.stateStore.get(state)) === null) throw new LostSignIn();
  const user = await manager.signinRedirectCallback(returned);
  const wanted = typeof user.state === "string" && user.state.startsWith("#/") ? user.state : "#/";
  window.history.replaceState(null, "", wanted);
  return user.access_token;
}

async function kept(manager: UserManager): Promise<string | null> {
  if (new URLSearchParams(window.location.search).has("state"))
    // back from signing out
    window.history.replaceState(null, "", new URL("./", document.baseURI).href);
  const user = await manager.getUser();
  if (user === null) return null;
  return user.expired === true ? renewedToken(manager) : user.access_token;
}

async function renewedToken(manager: UserManager): Promise<string | null> {
  const user = await manager.getUser();
  // without a refresh token the library would try an invisible frame, which our pages do not allow
  if (!user?.refresh_token) return null;
  try {
    return (await manager.signinSilent())?.access_token ?? null;
  } catch (reason) {
    // any other failure says nothing of the refresh token
    if (reason instanceof ErrorResponse && FINAL.has(reason.error ?? "")) return null;
    throw reason;
  }
}
