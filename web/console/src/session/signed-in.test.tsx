import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { accessibilityProblems } from "../../../testing/accessibility";
import { answered } from "../api/client";
import { loadTexts } from "../texts";
import { useApi, useMay, useSession } from "./session";
import { SignedIn } from "./signed-in";

const HOUR_MS = 3_600_000;
const SURROUNDINGS = { provider: null };
const RUNS = { temporal_ui_url: null, temporal_namespace: "default" };

/** Tokens by their names, with what each permits; whoever changes it changes what the API answers. */
let permits: Record<string, string[]>;
let expiresAt: Date;
let asked: string[];
let answersAtAll: boolean;

/** The API as this part of the console meets it. */
async function api(request: Request): Promise<Response> {
  if (!answersAtAll) throw new TypeError("Failed to fetch");
  const { pathname } = new URL(request.url);
  if (pathname === "/console-settings") return Response.json(SURROUNDINGS);
  const token = request.headers.get("Authorization")?.replace("Bearer ", "") ?? "";
  asked.push(`${pathname} ${token}`);
  const permissions = permits[token];
  if (permissions === undefined)
    return Response.json({ title: "Unauthorized", status: 401, detail: "the token has expired" }, { status: 401 });
  if (permissions.length === 0) return Response.json({ title: "Forbidden", status: 403 }, { status: 403 });
  if (pathname === "/identity")
    return Response.json({
      subject: token,
      username: token,
      permissions,
      expires_at: expiresAt.toISOString(),
      ...RUNS,
    });
  if (!permissions.includes("register:view"))
    return Response.json({ title: "Forbidden", status: 403 }, { status: 403 });
  return Response.json([]);
}

function Inside() {
  const { bearer, signOut } = useSession();
  const client = useApi();
  const registers = useQuery({
    queryKey: ["registers"],
    queryFn: () => answered(client.GET("/registers")),
    retry: false,
  });
  return (
    <main>
      <h1>Inside as {bearer.username}</h1>
      {useMay("register:view") && <p>registers may be seen</p>}
      <button type="button" onClick={() => void registers.refetch()}>
        Ask
      </button>
      <button type="button" onClick={signOut}>
        Leave
      </button>
    </main>
  );
}

async function show() {
  const translations = await loadTexts();
  return render(
    <I18nextProvider i18n={translations}>
      <MantineProvider>
        <QueryClientProvider client={new QueryClient()}>
          <SignedIn>
            <Inside />
          </SignedIn>
        </QueryClientProvider>
      </MantineProvider>
    </I18nextProvider>,
  );
}

const inside = (name: string) => screen.findByRole("heading", { name: `Inside as ${name}` });

async function paste(token: string) {
  await userEvent.type(await screen.findByLabelText("Token"), token);
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

beforeEach(() => {
  permits = { amina: ["register:view"], kamau: ["register:view"] };
  expiresAt = new Date(Date.now() + HOUR_MS);
  asked = [];
  answersAtAll = true;
  vi.stubGlobal("fetch", (input: Request | string) => api(new Request(input)));
  window.history.replaceState(null, "", "/#/builders?tab=mine");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

describe("a pasted token", () => {
  it("opens the page one was on, and is asked for once", async () => {
    const { unmount } = await show();

    await paste(" amina ");
    await inside("amina");
    unmount();
    await show();

    expect(await inside("amina")).toBeInTheDocument();
    expect(window.location.hash).toBe("#/builders?tab=mine");
    expect(Object.keys(localStorage)).not.toContain("steadyscore.token");
  });

  it("that the API does not take stays outside, and the API's reason is told", async () => {
    await show();

    await paste("stranger");

    expect(await screen.findByRole("alert")).toHaveTextContent("the token has expired");
    expect(screen.queryByRole("heading", { name: /Inside/ })).not.toBeInTheDocument();
  });

  it("without any permission is told apart from one that does not count", async () => {
    permits.nobody = [];
    await show();

    await paste("nobody");

    expect(await screen.findByRole("alert")).toHaveTextContent("You have no permission here");
  });

  it("in the address signs in and leaves the address", async () => {
    window.history.replaceState(null, "", "/#/sign-in?token=kamau");

    await show();

    await inside("kamau");
    expect(window.location.href).not.toContain("kamau");
  });

  it("in the address of a page that is open takes the place of the one before", async () => {
    sessionStorage.setItem("steadyscore.token", "amina");
    await show();
    await inside("amina");

    window.location.hash = "#/sign-in?token=kamau";

    expect(await inside("kamau")).toBeInTheDocument();
    expect(window.location.href).not.toContain("kamau");
  });
});

describe("a session", () => {
  beforeEach(() => sessionStorage.setItem("steadyscore.token", "amina"));

  it("is over when the API refuses its token; who signs in again is where they were", async () => {
    await show();
    await inside("amina");

    permits = { kamau: ["register:view"] };
    await userEvent.click(screen.getByRole("button", { name: "Ask" }));

    expect(await screen.findByRole("alert")).toHaveTextContent("Your session is over");
    expect(sessionStorage).toHaveLength(0);
    await paste("kamau");
    await inside("kamau");
    expect(window.location.hash).toBe("#/builders?tab=mine");
  });

  it("is over when its time is, though nobody does anything", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    await show();
    await inside("amina");

    await act(() => vi.advanceTimersByTimeAsync(HOUR_MS));

    expect(await screen.findByRole("alert")).toHaveTextContent("Your session is over");
  });

  it("is not over because this machine's clock is ahead", async () => {
    expiresAt = new Date(Date.now() - HOUR_MS);

    await show();

    expect(await inside("amina")).toBeInTheDocument();
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("learns from a refusal that its permissions are others now", async () => {
    await show();
    expect(await screen.findByText("registers may be seen")).toBeInTheDocument();

    permits.amina = ["builder:view"];
    await userEvent.click(screen.getByRole("button", { name: "Ask" }));

    await waitFor(() => expect(screen.queryByText("registers may be seen")).not.toBeInTheDocument());
    expect(await inside("amina")).toBeInTheDocument();
  });

  it("ends in every tab where one signs out in one", async () => {
    await show();
    await inside("amina");
    const elsewhere = new BroadcastChannel("steadyscore.session");

    elsewhere.postMessage({ kind: "out", subject: "somebody else" });
    // said again, as whoever does not listen yet hears nothing
    const isOut = await waitFor(() => {
      elsewhere.postMessage({ kind: "out", subject: "amina" });
      return screen.getByLabelText("Token");
    });

    expect(isOut).toBeInTheDocument();
    expect(sessionStorage).toHaveLength(0);
    elsewhere.close();
  });

  it("is shared with a new tab", async () => {
    await show();
    await inside("amina");
    const elsewhere = new BroadcastChannel("steadyscore.session");
    const answers: unknown[] = [];
    elsewhere.onmessage = ({ data }) => answers.push(data);

    await waitFor(() => {
      elsewhere.postMessage({ kind: "ask" });
      expect(answers).not.toEqual([]);
    });

    expect(answers[0]).toEqual({ kind: "token", token: "amina" });
    elsewhere.close();
  });

  it("ends at the sign-in, without a reproach, for who leaves", async () => {
    await show();
    await inside("amina");

    await userEvent.click(screen.getByRole("button", { name: "Leave" }));

    expect(await screen.findByLabelText("Token")).toBeInTheDocument();
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    expect(sessionStorage).toHaveLength(0);
  });
});

it("takes the token of another tab where there is one", async () => {
  const elsewhere = new BroadcastChannel("steadyscore.session");
  elsewhere.onmessage = ({ data }) => data.kind === "ask" && elsewhere.postMessage({ kind: "token", token: "kamau" });

  await show();

  expect(await inside("kamau")).toBeInTheDocument();
  elsewhere.close();
});

it("says that the server does not answer, and goes on when it does", async () => {
  answersAtAll = false;
  sessionStorage.setItem("steadyscore.token", "amina");
  await show();
  expect(await screen.findByRole("alert")).toHaveTextContent("The server cannot be reached");

  answersAtAll = true;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));

  expect(await inside("amina")).toBeInTheDocument();
});

it("has a sign-in that assistive technology can use", async () => {
  const { container } = await show();
  await paste("stranger");
  await screen.findByRole("alert");

  expect(await accessibilityProblems(container)).toEqual([]);
});
