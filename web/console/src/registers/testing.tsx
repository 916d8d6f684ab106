/** Pages of the console as they are in the page, before an API that answers as the real one does. */

import { MantineProvider } from "@mantine/core";
import { Notifications, notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { I18nextProvider } from "react-i18next";
import { createMemoryRouter, RouterProvider } from "react-router";
import { vi } from "vitest";
import { makeApi, type Schemas } from "../api/client";
import { makeQueries } from "../app";
import { changeRequestRoutes } from "../change-requests/routes";
import { recordRoutes } from "../records/routes";
import { type Permission, SessionProvider } from "../session/session";
import { loadTexts } from "../texts";
import { registerRoutes } from "./routes";

// axe reads a whole page, on a machine that may be busy
vi.setConfig({ testTimeout: 20_000 });

export const REGISTER: Schemas["Register"] = {
  register_id: "farmers",
  register_mnemonic: "Farmer",
  register_purpose: "REGISTER",
  attributes: {
    name: "text",
    income: "number",
    crops: "list",
    "assets.land_area": "number",
    "household.member_count": "integer",
    "household.has_electricity": "boolean",
  },
  hook_sender: null,
  created_at: "2026-11-20T08:00:00Z",
};

export const RECORD: Schemas["Record"] = {
  internal_record_id: "record-a",
  register_id: "farmers",
  attributes: {
    name: "Amina Diallo",
    income: 5000,
    crops: ["maize", "millet"],
    assets: { land_area: 2.1 },
    household: { member_count: 4, has_electricity: true },
  },
  version: 2,
  created_at: "2026-11-20T09:00:00Z",
  updated_at: "2026-11-21T09:00:00Z",
};

export const WAITING: Schemas["ChangeRequest"] = {
  change_request_id: "CR-00123",
  register_id: "farmers",
  internal_record_id: "record-a",
  change_payload: { income: 3500 },
  status: "PENDING",
  created_at: "2026-11-21T10:00:00Z",
  decided_at: null,
};

export const ALL: Permission[] = [
  "register:view",
  "register:manage",
  "registerRecord:view",
  "registerHistory:view",
  "registerScore:view",
  "registerDefinition:view",
  "changeRequest:view",
  "changeRequest:create",
  "changeRequest:approve",
];

export interface Asked {
  method: string;
  /** With its query. */
  url: string;
  body: unknown;
  authorization: string | null;
}

/** By method and path; a function is asked each time. */
export type Answers = Record<string, object | ((asked: Asked) => object)>;

const STANDING: Answers = {
  "GET /registers/farmers": REGISTER,
  "GET /records/record-a": RECORD,
  "GET /records/record-a/history": { history: [], next: null },
  "GET /change-requests": { change_requests: [WAITING], next: null },
  "GET /change-requests/CR-00123": WAITING,
  "GET /registers": { registers: [REGISTER], next: null },
  "GET /registers/farmers/records": { records: [RECORD], next: null },
  "POST /register-data/get_scores": { scores: [], without_score: [] },
};

/** A refusal as the API writes it. */
export function problem(status: number, detail: string, field?: string): Response {
  const errors = field === undefined ? [] : [{ field, detail }];
  return Response.json(
    { type: "urn:steadyscore:problem:X", title: "", status, detail, code: null, errors },
    { status },
  );
}

function respond(answers: Answers, asked: Asked): Response {
  const path = asked.url.split("?")[0];
  const answer = { ...STANDING, ...answers }[`${asked.method} ${path}`] ?? problem(404, `nothing at ${path}`);
  const made = typeof answer === "function" ? answer(asked) : answer;
  return made instanceof Response ? made.clone() : Response.json(made);
}

/** Shows the page at this path to somebody with these permissions; tells what was asked of the API. */
export async function visit(path: string, answers: Answers = {}, permissions: Permission[] = ALL) {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (input: Request | string, init?: RequestInit) => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    const text = await request.text();
    const one = {
      method: request.method,
      url: pathname + search,
      body: text === "" ? undefined : JSON.parse(text),
      authorization: request.headers.get("Authorization"),
    };
    asked.push(one);
    return respond(answers, one);
  });
  notifications.clean();
  const routes = [...registerRoutes, ...recordRoutes, ...changeRequestRoutes];
  const router = createMemoryRouter(routes, { initialEntries: [path] });
  const translations = await loadTexts();
  const session = {
    api: makeApi(
      () => "a-token",
      () => {},
    ),
    bearer: {
      subject: "a tester",
      username: "tester",
      permissions,
      expires_at: "2026-11-22T00:00:00Z",
      temporal_ui_url: null,
      temporal_namespace: "default",
    },
    surroundings: { provider: null },
    token: () => "a-token",
    signOut: () => {},
  };
  const shown = render(
    <I18nextProvider i18n={translations}>
      <MantineProvider env="test">
        <Notifications />
        <QueryClientProvider client={makeQueries()}>
          <SessionProvider session={session}>
            <main tabIndex={-1}>
              <RouterProvider router={router} />
            </main>
          </SessionProvider>
        </QueryClientProvider>
      </MantineProvider>
    </I18nextProvider>,
  );
  return { ...shown, asked, router, translations };
}

/** What was sent there, and with what. */
export function sentTo(asked: Asked[], request: string): unknown[] {
  return asked.filter((one) => `${one.method} ${one.url.split("?")[0]}` === request).map((one) => one.body);
}
