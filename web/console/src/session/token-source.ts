/** Where a token comes from: pasted, or given by a provider, which can renew it. */
export interface TokenSource {
  /** Null where nobody has signed in. */
  token(): string | null;
  /** Whether somebody is signed in already: here, by the address, or by coming back from a provider; rejects where that failed. */
  restore(): Promise<boolean>;
  /** Leaves the page for the provider's; rejects where that one cannot be reached. */
  signIn(): Promise<void>;
  /** A token that was pasted. */
  take(token: string): void;
  /** Whether there is a new token in place of one that ends; rejects where that may be so later. */
  renew(): Promise<boolean>;
  /** The token counts no longer. */
  forget(): Promise<void>;
  /** Forget it, and end the session at the provider. */
  signOut(): Promise<void>;
}
