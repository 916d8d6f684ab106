import { MantineProvider, Title } from "@mantine/core";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { createMemoryRouter, Link, type RouteObject, RouterProvider } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { accessibilityProblems } from "../../../testing/accessibility";
import { answered, makeApi } from "../api/client";
import { type Permission, type Session, SessionProvider, useApi } from "../session/session";
import { loadTexts } from "../texts";
import { BrokenPage, Home, LastResort, NotFound } from "./dead-ends";
import { Shell } from "./shell";

/** What everything is answered; raises where there is no answer. */
let answer: () => Response;

function Registers() {
  const api = useApi();
  const registers = useQuery({ queryKey: ["registers"], queryFn: () => answered(api.GET("/registers")), retry: false });
  return (
    <>
      <Title order={1}>Registers</Title>
      <p>{registers.isSuccess ? "here they are" : "not here"}</p>
      <button type="button" onClick={() => void registers.refetch()}>
        Ask
      </button>
    </>
  );
}

function Slow() {
  const { data } = useQuery({ queryKey: ["slow"], queryFn: () => Promise.resolve("Slowly") });
  return data === undefined ? <p>loading</p> : <Title order={1}>{data}</Title>;
}

const Broken = () => {
  throw new TypeError("kamau@example.org is not a function");
};

const pages: RouteObject[] = [
  {
    Component: Shell,
    children: [
      {
        ErrorBoundary: BrokenPage,
        children: [
          { index: true, Component: Home },
          { path: "/registers", Component: Registers },
          { path: "/records/:recordId", Component: Registers },
          { path: "/work", Component: Slow },
          { path: "/builders", Component: Broken },
          {
            path: "/definitions",
            element: (
              <>
                <Title order={1}>Definitions</Title>
                <Link to="/definitions?register=1">One of them</Link>
              </>
            ),
          },
          { path: "*", Component: NotFound },
        ],
      },
    ],
  },
];

const EVERYTHING: Permission[] = ["register:view", "registerScore:view", "registerDefinition:view", "builder:view"];

async function show(address = "/registers", permissions = EVERYTHING) {
  const session: Session = {
    api: makeApi(
      () => "a-token",
      () => {},
    ),
    bearer: {
      subject: "1",
      username: "amina",
      permissions,
      expires_at: "2999-01-01T00:00:00Z",
      temporal_ui_url: null,
      temporal_namespace: "default",
    },
    surroundings: { provider: null },
    token: () => "a-token",
    signOut: () => {},
  };
  const router = createMemoryRouter(pages, { initialEntries: [address] });
  return render(
    <I18nextProvider i18n={await loadTexts()}>
      <MantineProvider env="test" defaultColorScheme="auto">
        <QueryClientProvider client={new QueryClient()}>
          <SessionProvider session={session}>
            <RouterProvider router={router} />
          </SessionProvider>
        </QueryClientProvider>
      </MantineProvider>
    </I18nextProvider>,
  );
}

const navigation = () => screen.getByRole("navigation", { name: "Navigation" });
const goTo = (name: string) => userEvent.click(within(navigation()).getByRole("link", { name }));

beforeEach(() => {
  answer = () => Response.json([]);
  vi.stubGlobal("fetch", async () => answer());
  vi.stubGlobal("scrollTo", () => {});
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  localStorage.clear();
});

describe("going from page to page", () => {
  it("names the document after the page, tells which one it is, and puts the focus at its heading", async () => {
    await show();
    expect(document.title).toBe("Registers – Steadyscore");

    await goTo("Score definitions");

    const heading = await screen.findByRole("heading", { level: 1, name: "Definitions" });
    await waitFor(() => expect(heading).toHaveFocus());
    expect(document.title).toBe("Definitions – Steadyscore");
    expect(within(navigation()).getByRole("link", { current: "page" })).toHaveTextContent("Score definitions");
  });

  it("waits for the heading of a page that loads", async () => {
    await show();

    await goTo("Pending and failed");

    const heading = await screen.findByRole("heading", { name: "Slowly" });
    await waitFor(() => expect(heading).toHaveFocus());
    expect(document.title).toBe("Slowly – Steadyscore");
  });

  it("leaves the focus where it is on the first page, and while one stays on a page", async () => {
    await show("/definitions");
    expect(document.body).toHaveFocus();

    await userEvent.click(screen.getByRole("link", { name: "One of them" }));

    expect(screen.getByRole("link", { name: "One of them" })).toHaveFocus();
  });

  it("begins at the first page that the token permits", async () => {
    await show("/", ["registerDefinition:view"]);

    expect(await screen.findByRole("heading", { name: "Definitions" })).toBeInTheDocument();
    expect(within(navigation()).getAllByRole("link")).toHaveLength(1);
  });

  it("knows that a record is within the registers", async () => {
    await show("/records/r1");

    expect(within(navigation()).getByRole("link", { current: true })).toHaveTextContent("Registers");
  });

  it("says where there is no such page, and where to go", async () => {
    await show("/registres");

    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("There is no such page");
    await userEvent.click(screen.getByRole("link", { name: "To the start" }));
    expect(await screen.findByRole("heading", { name: "Registers" })).toBeInTheDocument();
  });
});

describe("a page that breaks", () => {
  // React tells of every error that a boundary caught
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));

  it("says so, shows no values, and leaves the way to all others", async () => {
    await show("/builders");

    const face = await screen.findByRole("alert");
    expect(face).toHaveTextContent("This page is broken");
    expect(face).not.toHaveTextContent("kamau");
    await goTo("Registers");
    expect(await screen.findByRole("heading", { name: "Registers" })).toBeInTheDocument();
  });

  it("leaves no white page where everything broke", async () => {
    render(
      <I18nextProvider i18n={await loadTexts()}>
        <MantineProvider>
          <LastResort>
            <Broken />
          </LastResort>
        </MantineProvider>
      </I18nextProvider>,
    );

    expect(screen.getByRole("button", { name: "Reload" })).toBeInTheDocument();
  });
});

it.each([
  [
    "does not answer",
    () => {
      throw new TypeError("Failed to fetch");
    },
  ],
  ["starts anew behind a proxy", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
])("says that the server %s, until it answers, and asks again for what is shown", async (_, fail) => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  await show();
  await screen.findByText("here they are");
  expect(screen.getByRole("status")).toBeEmptyDOMElement();

  answer = fail;
  await userEvent.click(screen.getByRole("button", { name: "Ask" }), { advanceTimers: vi.advanceTimersByTime });
  await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent("The server cannot be reached"));
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  expect(screen.getByRole("status")).toHaveTextContent("The server cannot be reached");

  answer = () => Response.json([]);
  await act(() => vi.advanceTimersByTimeAsync(3_100));

  await waitFor(() => expect(screen.getByRole("status")).toBeEmptyDOMElement());
  expect(screen.getByText("here they are")).toBeInTheDocument();
});

it("keeps the keyboard out of the menu that a narrow screen has closed", async () => {
  const wide = window.matchMedia("");
  vi.spyOn(window, "matchMedia").mockImplementation((query) => ({ ...wide, matches: query === "(width < 48em)" }));
  await show();
  expect(navigation()).toHaveAttribute("inert");

  // jsdom is wide, and the library's styles hide it there
  await userEvent.click(screen.getByLabelText("Navigation", { selector: "button" }));

  expect(navigation()).not.toHaveAttribute("inert");
});

it("keeps language and appearance", async () => {
  const { unmount } = await show();
  await userEvent.click(screen.getByRole("combobox", { name: "Appearance" }));
  await userEvent.click(await screen.findByRole("option", { name: "Dark" }));
  await userEvent.click(screen.getByRole("combobox", { name: "Language" }));
  await userEvent.click(await screen.findByRole("option", { name: "Français" }));
  expect(await screen.findByRole("combobox", { name: "Langue" })).toBeInTheDocument();

  unmount();
  await show();

  expect(screen.getByRole("combobox", { name: "Apparence" })).toHaveValue("Sombre");
});

it("has nothing in the way of assistive technology", async () => {
  const { container } = await show("/registres");

  expect(await accessibilityProblems(container)).toEqual([]);
});
