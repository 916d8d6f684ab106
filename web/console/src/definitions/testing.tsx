/** For tests: a page with all that stands around it, before an HTTP interface that the test plays. */

import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { I18nextProvider } from "react-i18next";
import { createMemoryRouter, Link, Outlet, type RouteObject, RouterProvider } from "react-router";
import { vi } from "vitest";
import { makeApi, type Schemas } from "../api/client";
import { makeQueries } from "../app";
import { type Permission, SessionProvider } from "../session/session";
import { loadTexts } from "../texts";

export interface Asked {
  body: unknown;
  query: URLSearchParams;
}

/** By method and path; what it returns, or promises, is the answer: status 200 unless it is a Response. */
export type Answers = Record<string, (asked: Asked) => unknown>;

export interface Shown {
  at: string;
  permissions: Permission[];
  answers: Answers;
  bearer?: Partial<Schemas["Bearer"]>;
  language?: string;
}

export const ALL: Permission[] = [
  "register:view",
  "registerRecord:view",
  "registerScore:view",
  "registerScore:create",
  "registerScore:edit",
  "registerDefinition:view",
  "registerDefinition:manage",
  "changeRequest:view",
];

export function problem(status: number, detail: string, errors: { field: string; detail: string }[] = []): Response {
  return Response.json({ type: "about:blank", title: "Refused", status, detail, errors }, { status });
}

/** Renders the routes at an address; everything that is asked stands in the list that is returned. */
export async function show(routes: RouteObject[], { at, permissions, answers, ...rest }: Shown) {
  const asked: (Asked & { what: string; signal: AbortSignal })[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const url = new URL(request.url);
    const what = `${request.method} ${url.pathname}`;
    const body: unknown = request.method === "GET" ? null : await request.json();
    asked.push({ what, body, query: url.searchParams, signal: request.signal });
    const answer =
      (await answers[what]?.({ body, query: url.searchParams })) ?? problem(404, `nothing answers ${what}`);
    return answer instanceof Response ? answer : Response.json(answer);
  });
  const translations = await loadTexts();
  await translations.changeLanguage(rest.language ?? "en");
  const session = {
    api: makeApi(
      () => "a token",
      () => {},
    ),
    bearer: {
      subject: "amina",
      username: "amina",
      permissions,
      expires_at: "2999-01-01T00:00:00Z",
      temporal_ui_url: null,
      temporal_namespace: "default",
      ...rest.bearer,
    },
    surroundings: { provider: null },
    token: () => "a token",
    signOut: () => {},
  };
  const elsewhere = { path: "/elsewhere", element: <h1>Elsewhere</h1> };
  const router = createMemoryRouter([{ Component: Around, children: [...routes, elsewhere] }], {
    initialEntries: [at],
  });
  const { container } = render(
    <I18nextProvider i18n={translations}>
      <MantineProvider env="test">
        <QueryClientProvider client={makeQueries()}>
          <SessionProvider session={session}>
            <RouterProvider router={router} />
          </SessionProvider>
        </QueryClientProvider>
      </MantineProvider>
    </I18nextProvider>,
  );
  return { asked, container, router };
}

function Around() {
  return (
    <main>
      <Link to="/elsewhere">Go elsewhere</Link>
      <Outlet />
    </main>
  );
}

export function bodiesOf(asked: (Asked & { what: string })[], what: string): unknown[] {
  return asked.filter((one) => one.what === what).map((one) => one.body);
}
