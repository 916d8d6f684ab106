import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { accessibilityProblems } from "../../../testing/accessibility";
import { makeApi } from "../api/client";
import { type Permission, type Session, SessionProvider } from "../session/session";
import { loadTexts } from "../texts";
import { builderRoutes } from "./routes";
import { termsOf } from "./terms";

const ADA = { user_id: "id-ada", username: "ada", display_name: "Ada", builder_score: 250 };
const BEN = { user_id: "id-ben", username: "ben", display_name: "Ben", builder_score: 200 };
const PROFILE = {
  ...ADA,
  headline: "Ships early",
  bio: "",
  skills: ["sql"],
  location: "",
  website: "",
  created_at: "2026-05-04T10:00:00Z",
  updated_at: "2026-05-04T10:00:00Z",
};
const SCORES = [
  {
    computed_score: 250,
    computed_at: "2026-05-04T10:00:00Z",
    triggered_by: "collaborator_confirmed:id",
    sequence: 9,
    definition_version: 1,
    breakdown: {
      impact: { points: 0, uncapped: 0, counted: { "impact.stars": 3 } },
      vouches: { points: 50, uncapped: 75, counted: { vouches: 2 } },
      shipped_projects: { points: 200, uncapped: 200, counted: { shipped_projects: 2 } },
      key_fields: { points: 0, uncapped: 0, counted: { "profile.key_fields": 4 } },
    },
  },
  {
    computed_score: 200,
    computed_at: "2026-05-03T10:00:00Z",
    triggered_by: "profile_created:id",
    sequence: 3,
    definition_version: 1,
    breakdown: null,
  },
];
const PROJECT = {
  project_id: "id-project",
  owner: BEN,
  title: "Maps",
  summary: "",
  status: "shipped",
  impact: { active_users: 0, downloads: 0, stars: 1200 },
  shipped_at: "2026-05-02T10:00:00Z",
  created_at: "2026-05-02T10:00:00Z",
  updated_at: "2026-05-02T10:00:00Z",
  collaborators: [],
};
const INVITED = { project_id: "id-project", status: "invited", invited_at: "2026-05-02T10:00:00Z", confirmed_at: null };

/** What the API answers, by method and path; what is not here is not found. */
let answers: Record<string, (url: URL, body: unknown) => Response | object>;
let asked: { what: string; body: unknown }[];

async function api(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const what = `${request.method} ${url.pathname}`;
  const text = await request.text();
  const body: unknown = text === "" ? null : JSON.parse(text);
  asked.push({ what: `${what}${url.search}`, body });
  const answer = answers[what]?.(url, body) ?? Response.json({ title: "Not Found", status: 404 }, { status: 404 });
  return answer instanceof Response ? answer : Response.json(answer);
}

async function show(address: string, permissions: Permission[] = ["builder:view"]) {
  const session: Session = {
    api: makeApi(
      () => "a-token",
      () => {},
    ),
    bearer: {
      subject: "1",
      username: "ada",
      permissions,
      expires_at: "2999-01-01T00:00:00Z",
      temporal_ui_url: null,
      temporal_namespace: "default",
    },
    surroundings: { provider: null },
    token: () => "a-token",
    signOut: () => {},
  };
  const router = createMemoryRouter(builderRoutes, { initialEntries: [address] });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const shown = render(
    <I18nextProvider i18n={await loadTexts()}>
      <MantineProvider env="test">
        <QueryClientProvider client={queries}>
          <SessionProvider session={session}>
            <RouterProvider router={router} />
          </SessionProvider>
        </QueryClientProvider>
      </MantineProvider>
    </I18nextProvider>,
  );
  return { ...shown, router, queries };
}

const askedFor = (what: string) => asked.filter((one) => one.what === what);

beforeEach(() => {
  asked = [];
  answers = {
    "GET /leaderboard": (url) =>
      url.searchParams.has("after")
        ? { users: [{ ...BEN, rank: 2 }], next: null }
        : { users: [{ ...ADA, rank: 1 }], next: "page-2" },
    "GET /leaderboard/around/id-ada": () => ({ users: [{ ...ADA, rank: 7 }], next: null }),
    "GET /users": () => ({ users: [BEN], next: null }),
    "GET /users/id-ada": () => PROFILE,
    "GET /users/id-ada/score-history": () => ({ history: SCORES, next: null }),
    "GET /users/by-username/ada": () => PROFILE,
    "GET /projects": () => ({ projects: [PROJECT], next: null }),
    "GET /projects/id-project": () => PROJECT,
  };
  vi.stubGlobal("fetch", (request: Request) => api(request));
});

afterEach(() => vi.unstubAllGlobals());

it("shows ranks, what a score is made of to who asks, and goes on page by page", async () => {
  const { container } = await show("/builders");

  await screen.findByRole("link", { name: "Ada" });
  expect(asked.filter(({ what }) => what.includes("score-history"))).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "What the score of Ada is made of" }));
  expect(
    await screen.findByRole("img", { name: "Shipped projects: 200; Vouches: 50; Impact: 0; Profile: 0" }),
  ).toBeInTheDocument();
  expect(screen.getByText("+50")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Show more" }));

  expect(await screen.findByRole("link", { name: "Ben" })).toBeInTheDocument();
  expect(askedFor("GET /leaderboard?limit=20&after=page-2")).toHaveLength(1);
  expect(await accessibilityProblems(container)).toEqual([]);
});

it("keeps to the scores that were asked for", async () => {
  const { router } = await show("/builders");

  await userEvent.type(await screen.findByLabelText("Score from"), "100");
  await userEvent.type(screen.getByLabelText("Score to"), "220");
  await userEvent.click(screen.getByRole("button", { name: "Filter" }));

  expect(await screen.findByRole("heading", { name: "By score" })).toBeInTheDocument();
  expect(router.state.location.search).toBe("?min=100&max=220");
  expect(askedFor("GET /users?limit=20&min_score=100&max_score=220")).toHaveLength(1);
  expect(screen.queryByRole("columnheader", { name: "Rank" })).not.toBeInTheDocument();
});

it("keeps who filters at the filter, and follows the address", async () => {
  const { router } = await show("/builders");
  const from = await screen.findByLabelText("Score from");

  await userEvent.type(from, "-100{Enter}");
  expect(await screen.findByRole("heading", { name: "By score" })).toBeInTheDocument();
  expect(router.state.location.search).toBe("?min=100");
  expect(from).toHaveFocus();
  await userEvent.click(screen.getByRole("link", { name: "The whole leaderboard" }));

  await waitFor(() => expect(from).toHaveValue(""));
});

it("finds a builder by username, and asks for none that cannot be", async () => {
  const { router } = await show("/builders");
  const field = await screen.findByLabelText("Find by username");

  await userEvent.type(field, "A{Enter}");
  expect(await screen.findByText(/3 to 32 of/)).toBeInTheDocument();
  await userEvent.clear(field);
  await userEvent.type(field, "nobody{Enter}");
  expect(await screen.findByText("Nobody has this username")).toBeInTheDocument();
  await userEvent.clear(field);
  await userEvent.type(field, "ada{Enter}");

  await waitFor(() => expect(router.state.location.pathname).toBe("/builders/id-ada"));
  expect(askedFor("GET /users/by-username/A")).toEqual([]);
});

it("explains a builder's score term by term, with what a cap took, and shows rank, history and projects", async () => {
  const { container } = await show("/builders/id-ada");

  expect(await screen.findByRole("heading", { level: 1, name: "Ada" })).toBeInTheDocument();
  expect(await screen.findByText("7")).toBeInTheDocument();
  const terms = await screen.findByRole("table", { name: "How the score comes about" });
  expect(within(terms).getByRole("row", { name: /Vouches/ })).toHaveTextContent(
    "Vouches2" + "50" + "75 without the cap",
  );
  expect(within(terms).getByRole("row", { name: /Total/ })).toHaveTextContent("250");
  expect(screen.getByRole("heading", { name: "Score history" })).toBeInTheDocument();
  expect(await screen.findByText("1,200 stars")).toBeInTheDocument();
  expect(screen.queryByRole("heading", { name: "Live" })).not.toBeInTheDocument();
  expect(await accessibilityProblems(container)).toEqual([]);
});

it("names the permission that is missing, and asks for nothing", async () => {
  await show("/builders", ["register:view"]);

  expect(await screen.findByRole("alert")).toHaveTextContent("builder:view");
  expect(askedFor("GET /leaderboard?limit=20")).toEqual([]);
});

it("signs up, and tells which field the API refuses", async () => {
  answers["GET /users/me"] = () => Response.json({ title: "Conflict", status: 409 }, { status: 409 });
  answers["POST /users"] = () =>
    Response.json(
      { status: 409, detail: "taken", errors: [{ field: "username", detail: "this username is taken" }] },
      { status: 409 },
    );
  await show("/builders/me", ["builder:participate"]);

  await userEvent.type(await screen.findByLabelText(/Username/), "ada");
  await userEvent.type(screen.getByLabelText(/^Name/), "Ada");
  await userEvent.type(screen.getByLabelText("Skills"), "sql, , maps");
  await userEvent.click(screen.getByRole("button", { name: "Sign up" }));

  expect(await screen.findByText("this username is taken")).toBeInTheDocument();
  expect(askedFor("POST /users")[0]?.body).toMatchObject({ username: "ada", skills: ["sql", "maps"] });
});

it("sends only what was changed of a profile, and answers invitations", async () => {
  answers["GET /users/me"] = () => PROFILE;
  answers["PATCH /users/me"] = () => PROFILE;
  answers["GET /users/me/collaborations"] = () => ({ collaborations: [INVITED], next: null });
  answers["POST /projects/id-project/confirm_collaboration"] = () => ({ ...INVITED, status: "confirmed" });
  const { container } = await show("/builders/me", ["builder:participate"]);
  const headline = await screen.findByLabelText("Headline");

  await userEvent.type(headline, " and often");
  await userEvent.click(screen.getAllByRole("button", { name: "Save" })[0] as HTMLElement);
  await userEvent.click(await screen.findByRole("button", { name: "Confirm" }));

  await waitFor(() => expect(askedFor("POST /projects/id-project/confirm_collaboration")).toHaveLength(1));
  expect(askedFor("PATCH /users/me")[0]?.body).toEqual({ headline: "Ships early and often" });
  expect(await accessibilityProblems(container)).toEqual([]);
});

it("leaves what others have changed meanwhile as they did", async () => {
  let stored = PROFILE;
  answers["GET /users/me"] = () => stored;
  answers["PATCH /users/me"] = (_, body) => {
    stored = { ...stored, ...(body as Partial<typeof PROFILE>) };
    return stored;
  };
  answers["PATCH /projects/id-project"] = () => PROJECT;
  answers["GET /users/me/collaborations"] = () => ({ collaborations: [], next: null });
  const { queries } = await show("/builders/me", ["builder:participate"]);
  await userEvent.type(await screen.findByLabelText("Headline"), "!");
  await userEvent.click(await screen.findByRole("button", { name: "Edit" }));
  const [title] = screen.getAllByLabelText(/^Title/);
  await userEvent.type(title as HTMLElement, " of rain");
  stored = { ...PROFILE, location: "Kano" };
  answers["GET /projects"] = () => ({ projects: [{ ...PROJECT, summary: "By the hour" }], next: null });
  await queries.invalidateQueries();

  const [profile, project] = screen.getAllByRole("button", { name: "Save" });
  await userEvent.click(project as HTMLElement);
  await userEvent.click(profile as HTMLElement);

  await waitFor(() => expect(screen.getByLabelText("Location")).toHaveValue("Kano"));
  expect(askedFor("PATCH /projects/id-project").map(({ body }) => body)).toEqual([{ title: "Maps of rain" }]);
  expect(askedFor("PATCH /users/me").map(({ body }) => body)).toEqual([{ headline: "Ships early!" }]);
  expect(await screen.findByText(/^Saved/)).toBeInTheDocument();
});

it("leaves a collaboration, once it is sure", async () => {
  const confirmed = { ...INVITED, status: "confirmed", confirmed_at: "2026-05-03T10:00:00Z" };
  answers["GET /users/me"] = () => PROFILE;
  answers["GET /users/me/collaborations"] = () => ({ collaborations: [confirmed], next: null });
  answers["DELETE /projects/id-project/collaborators/id-ada"] = () => new Response(null, { status: 204 });
  await show("/builders/me", ["builder:participate"]);

  await userEvent.click(await screen.findByRole("button", { name: "Leave Maps" }));
  const question = await screen.findByRole("dialog", { name: "Leave Maps" });
  expect(askedFor("DELETE /projects/id-project/collaborators/id-ada")).toEqual([]);
  await userEvent.click(within(question).getByRole("button", { name: "Leave" }));

  await waitFor(() => expect(askedFor("DELETE /projects/id-project/collaborators/id-ada")).toHaveLength(1));
});

it("tells no terms of a score that does not explain itself", () => {
  expect(termsOf(null)).toBeNull();
  expect(termsOf({ vouches: "many" })).toBeNull();
  expect(termsOf(SCORES[0]?.breakdown)?.map(({ points }) => points)).toEqual([200, 50, 0, 0]);
});
