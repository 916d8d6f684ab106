import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { providerToken } from "./provider-token";
import { asTrouble } from "./trouble";

const ISSUER = "https://id.example.org/realms/registry";
const CONSOLE = { issuer: ISSUER, client_id: "console", scope: "openid" };

/** What the provider's token endpoint was sent. */
let asked: URLSearchParams[];
let isAway: boolean;
let refreshTokens: string[];

/** An OpenID provider, as far as pages ask it in the background; in Chromium there is one that checks everything. */
async function provider(request: Request): Promise<Response> {
  if (isAway) throw new TypeError("Failed to fetch");
  if (request.url === `${ISSUER}/.well-known/openid-configuration`)
    return Response.json({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
    });
  const form = new URLSearchParams(await request.text());
  asked.push(form);
  const refused =
    form.get("grant_type") === "refresh_token" && !refreshTokens.includes(form.get("refresh_token") ?? "");
  if (refused) return Response.json({ error: "invalid_grant" }, { status: 400 });
  const now = Math.floor(Date.now() / 1000);
  const who = { iss: ISSUER, aud: "console", sub: "kamau", iat: now, exp: now + 300 };
  return Response.json({
    access_token: `access-${asked.length}`,
    id_token: `${part({ alg: "ES256" })}.${part(who)}.signature`,
    token_type: "Bearer",
    expires_in: 300,
    refresh_token: refreshTokens[0],
  });
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** What the page keeps while one is at the provider: the state's id and what belongs to it. */
async function leaveForProvider(): Promise<{ state: string; kept: { code_verifier: string } }> {
  // jsdom does not leave, so this never ends
  void providerToken(CONSOLE)
    .signIn()
    .catch(() => {});
  const key = await vi.waitUntil(() => Object.keys(sessionStorage).find((one) => /^oidc\.[0-9a-f]{32}$/.test(one)));
  return { state: key.replace("oidc.", ""), kept: JSON.parse(sessionStorage.getItem(key) ?? "") };
}

async function signedIn() {
  const { state } = await leaveForProvider();
  window.history.replaceState(null, "", `/?code=the-code&state=${state}`);
  const source = providerToken(CONSOLE);
  await source.restore();
  return source;
}

beforeEach(() => {
  asked = [];
  isAway = false;
  refreshTokens = ["refresh-1"];
  vi.stubGlobal("fetch", (input: string, init?: RequestInit) =>
    provider(new Request(input, { method: init?.method ?? "GET", body: init?.body ?? null })),
  );
  window.history.replaceState(null, "", "/#/builders");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

it("redeems the code with the verifier that only this tab knows, and goes back to the page one wanted", async () => {
  const { state, kept } = await leaveForProvider();
  window.history.replaceState(null, "", `/?code=the-code&state=${state}`);
  const source = providerToken(CONSOLE);

  expect(await source.restore()).toBe(true);

  expect(source.token()).toBe("access-1");
  expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({ code: "the-code", code_verifier: kept.code_verifier });
  expect(asked[0]?.has("client_secret")).toBe(false);
  expect(window.location.href).toBe(`${window.location.origin}/#/builders`);
  expect(JSON.stringify(localStorage)).not.toMatch(/access-|refresh-|verifier/);
});

it("keeps the session over a reload", async () => {
  await signedIn();
  const reloaded = providerToken(CONSOLE);

  expect(await reloaded.restore()).toBe(true);
  expect(reloaded.token()).toBe("access-1");
});

it("renews by the refresh token", async () => {
  const source = await signedIn();

  expect(await source.renew()).toBe(true);

  expect(asked[1]?.get("grant_type")).toBe("refresh_token");
  expect(source.token()).toBe("access-2");
});

it("renews a token that ended while nobody looked", async () => {
  await signedIn();
  vi.setSystemTime(Date.now() + 600_000);
  const reloaded = providerToken(CONSOLE);

  expect(await reloaded.restore()).toBe(true);
  expect(reloaded.token()).toBe("access-2");
});

it("does not renew with a refresh token that the provider refuses, or where it gave none", async () => {
  const source = await signedIn();
  refreshTokens = [];

  expect(await source.renew()).toBe(false);
  sessionStorage.clear();
  const without = await signedIn();
  asked = [];

  expect(await without.renew()).toBe(false);
  expect(asked).toEqual([]);
});

it("tells a sign-in that was refused from one that is lost and from a provider that is away", async () => {
  const { state } = await leaveForProvider();
  const returnWith = async (query: string) => {
    window.history.replaceState(null, "", `/?${query}`);
    return asTrouble(
      await providerToken(CONSOLE)
        .restore()
        .catch((reason: unknown) => reason),
    );
  };

  expect((await returnWith("code=stolen&state=of-another-tab")).text).toBe("lost");
  expect(window.location.search).toBe("");
  expect((await returnWith(`error=access_denied&state=${state}`)).text).toBe("denied");
  const again = await leaveForProvider();
  expect(await returnWith(`error=server_error&error_description=Too+busy&state=${again.state}`)).toEqual({
    text: "providerRefused",
    detail: "Too busy",
  });
  isAway = true;
  const away = await providerToken(CONSOLE)
    .signIn()
    .catch((reason: unknown) => reason);
  expect(asTrouble(away)).toEqual({ text: "providerUnreachable" });
});

it("tells a provider that cannot be used from a sign-in that is lost", async () => {
  vi.stubGlobal("fetch", async () => new Response("<h1>Bad gateway</h1>", { status: 502 }));

  const reason = await providerToken(CONSOLE)
    .signIn()
    .catch((reason: unknown) => reason);

  expect(asTrouble(reason)).toEqual({
    text: "providerRefused",
    detail: expect.stringContaining("openid-configuration"),
  });
});

it("does not take a provider that is away for one that refuses to renew", async () => {
  const source = await signedIn();
  isAway = true;

  await expect(source.renew()).rejects.toThrow();
  isAway = false;

  expect(await source.renew()).toBe(true);
});

it("forgets the token where the provider has no page for signing out", async () => {
  const source = await signedIn();

  await source.signOut();

  expect(source.token()).toBeNull();
  expect(await providerToken(CONSOLE).restore()).toBe(false);
});
