import { UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { Schemas } from "../api/client";

/** Tokens come and go: with a provider they are renewed, without one they were pasted. */
export interface TokenSource {
  /** Null where nobody has signed in. */
  token(): string | null;
  /** Resolves to whether somebody is signed in now: ends a code flow that came back, takes a token that stands in the address. */
  restore(): Promise<boolean>;
  /** Leaves the page, or waits for a token to be pasted (`take`). */
  signIn(): Promise<void>;
  take(token: string): void;
  signOut(): Promise<void>;
}

const PASTED = "steadyscore.token";
const IN_ADDRESS = /^#\/sign-in\?token=([\w.-]+)$/;

/** A development token: pasted, or brought by the address that `steadyscore console` opens. Kept for this tab only. */
export function pastedToken(storage: Storage = sessionStorage): TokenSource {
  return {
    token: () => storage.getItem(PASTED),
    restore: async () => {
      const brought = IN_ADDRESS.exec(window.location.hash)?.[1];
      if (brought !== undefined) {
        storage.setItem(PASTED, brought);
        // out of sight, out of the history
        window.history.replaceState(null, "", "#/");
      }
      return storage.getItem(PASTED) !== null;
    },
    signIn: async () => {},
    take: (token) => storage.setItem(PASTED, token.trim()),
    signOut: async () => storage.removeItem(PASTED),
  };
}

/** Code flow with PKCE at an OpenID Connect provider; refresh tokens renew it where the provider gives them. */
export function providerToken(provider: Schemas["Provider"]): TokenSource {
  const home = new URL("./", document.baseURI).href;
  const manager = new UserManager({
    authority: provider.issuer,
    client_id: provider.client_id,
    scope: provider.scope,
    redirect_uri: home,
    post_logout_redirect_uri: home,
    response_type: "code",
    automaticSilentRenew: true,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
  });
  let token: string | null = null;
  manager.events.addUserLoaded((user) => {
    token = user.access_token;
  });
  return {
    token: () => token,
    restore: async () => {
      const parameters = new URLSearchParams(window.location.search);
      if (parameters.has("state") && (parameters.has("code") || parameters.has("error"))) {
        // the address holds the code: it goes, whatever comes of it
        const returned = window.location.href;
        window.history.replaceState(null, "", home);
        const user = await manager.signinRedirectCallback(returned);
        token = user.access_token;
        if (typeof user.state === "string") window.location.hash = user.state;
        return true;
      }
      const user = await manager.getUser();
      token = user === null || user.expired === true ? null : user.access_token;
      return token !== null;
    },
    signIn: () => manager.signinRedirect({ state: window.location.hash }),
    take: () => {},
    signOut: async () => {
      token = null;
      await manager.signoutRedirect().catch(() => manager.removeUser());
    },
  };
}
