import { askOtherTabs } from "./tabs";
import type { TokenSource } from "./token-source";

const PASTED = "steadyscore.token";
const IN_ADDRESS = /^#\/sign-in\?token=([\w.-]+)$/;

/** Whether the address brings a token, as `steadyscore console` opens it. */
export function isTokenInAddress(): boolean {
  return IN_ADDRESS.test(window.location.hash);
}

/** A development token: pasted, brought by the address, or got from another tab. Each tab keeps it while it is open. */
export function pastedToken(storage: Storage = sessionStorage): TokenSource {
  const forget = async () => storage.removeItem(PASTED);
  return {
    token: () => storage.getItem(PASTED),
    restore: async () => {
      const brought = IN_ADDRESS.exec(window.location.hash)?.[1];
      if (brought !== undefined) {
        storage.setItem(PASTED, brought);
        // out of sight, out of the history
        window.history.replaceState(null, "", "#/");
      }
      const token = storage.getItem(PASTED) ?? (await askOtherTabs());
      if (token !== null) storage.setItem(PASTED, token);
      return token !== null;
    },
    signIn: async () => {},
    take: (token) => storage.setItem(PASTED, token.trim()),
    renew: async () => false,
    forget,
    signOut: forget,
  };
}
