import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, waitFor } from "@testing-library/react";
import { I18nextProvider } from "react-i18next";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loadTexts } from "../texts";
import { useSession } from "./session";
import { SignedIn } from "./signed-in";

const ISSUER = "https://id.example.org/realms/registry";
const PROVIDER = { issuer: ISSUER, client_id: "console", scope: "openid" };
const LASTS_MS = 300_000;
/** What the console waits at most before it asks again. */
const PATIENCE_MS = 60_000;
const HTML = { headers: { "Content-Type": "text/html" } };

const renewed = () => Response.json({ access_token: "second", token_type: "Bearer", refresh_token: "refresh-2" });
const isAway = (): Response => {
  throw new TypeError("Failed to fetch");
};

/** What the provider's token endpoint answers, and the API to each token. */
let renews: () => Response;
let identifies: Record<string, () => Response>;

const identity = (username: string) => () =>
  Response.json({
    subject: "7",
    username,
    permissions: ["register:view"],
    temporal_ui_url: null,
    temporal_namespace: "default",
    expires_at: new Date(Date.now() + LASTS_MS).toISOString(),
  });

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/console-settings") return Response.json({ provider: PROVIDER });
  if (pathname.endsWith("/openid-configuration"))
    return Response.json({ issuer: ISSUER, token_endpoint: `${ISSUER}/token` });
  if (pathname.endsWith("/token")) return renews();
  const token = request.headers.get("Authorization")?.replace("Bearer ", "") ?? "";
  return identifies[token]?.() ?? Response.json({ title: "Unauthorized", status: 401 }, { status: 401 });
}

function Inside() {
  return <h1>Inside as {useSession().bearer.username}</h1>;
}

/** A session whose first token ends in five minutes, and has ended when this returns. */
async function outlive() {
  render(
    <I18nextProvider i18n={await loadTexts()}>
      <MantineProvider>
        <QueryClientProvider client={new QueryClient()}>
          <SignedIn>
            <Inside />
          </SignedIn>
        </QueryClientProvider>
      </MantineProvider>
    </I18nextProvider>,
  );
  await screen.findByRole("heading", { name: "Inside as the first token" });
  await act(() => vi.advanceTimersByTimeAsync(LASTS_MS + 1_000));
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  renews = renewed;
  identifies = { first: identity("the first token"), second: identity("the second token") };
  const expiresAt = Math.floor((Date.now() + LASTS_MS) / 1000);
  const user = { access_token: "first", refresh_token: "refresh-1", token_type: "Bearer", expires_at: expiresAt };
  sessionStorage.setItem(`oidc.user:${ISSUER}:console`, JSON.stringify({ ...user, profile: { sub: "7" } }));
  vi.stubGlobal("fetch", (input: Request | string, init?: RequestInit) =>
    answer(
      typeof input === "string"
        ? new Request(input, { method: init?.method ?? "GET", body: init?.body ?? null })
        : input,
    ),
  );
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

const secondToken = () => screen.findByRole("heading", { name: "Inside as the second token" });

it("goes on with a new token, whose permissions count, before the old one ends", async () => {
  await outlive();

  expect(await secondToken()).toBeInTheDocument();
});

it.each([
  ["cannot be reached", isAway],
  ["answers with a proxy's page", () => new Response("<h1>Bad gateway</h1>", { status: 502, ...HTML })],
  ["is too busy", () => Response.json({ error: "temporarily_unavailable" }, { status: 503 })],
])("is not over because the provider %s, and goes on when it renews", async (_, fails) => {
  renews = fails;
  await outlive();
  expect(screen.getByRole("heading", { name: "Inside as the first token" })).toBeInTheDocument();
  expect(JSON.stringify({ ...sessionStorage })).toContain("refresh-1");

  renews = renewed;
  await act(() => vi.advanceTimersByTimeAsync(PATIENCE_MS));

  expect(await secondToken()).toBeInTheDocument();
});

it.each([
  ["cannot be reached", isAway],
  ["starts anew behind a proxy", () => new Response("<h1>Unavailable</h1>", { status: 503, ...HTML })],
])("is not over because the API %s when the token is renewed", async (_, fails) => {
  identifies.second = fails;
  await outlive();
  expect(screen.getByRole("heading", { name: "Inside as the first token" })).toBeInTheDocument();

  identifies.second = identity("the second token");
  await act(() => vi.advanceTimersByTimeAsync(PATIENCE_MS));

  expect(await secondToken()).toBeInTheDocument();
});

it.each([
  [
    "the provider takes the refresh token no longer",
    () => {
      renews = () => Response.json({ error: "invalid_grant" }, { status: 400 });
    },
  ],
  [
    "the API does not take the new token",
    () => {
      delete identifies.second;
    },
  ],
])("is over where %s", async (_, refuse) => {
  refuse();

  await outlive();

  await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent("Your session is over"));
  expect(JSON.stringify({ ...sessionStorage })).not.toContain("refresh-");
});
