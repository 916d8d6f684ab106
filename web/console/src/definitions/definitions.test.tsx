import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { accessibilityProblems } from "../../../testing/accessibility";
import { definitionRoutes } from "./routes";
import type { Definition } from "./rules";
import { ALL, type Answers, bodiesOf, problem, show } from "./testing";

const REGISTER = {
  register_id: "farmers",
  register_mnemonic: "Farmer",
  register_purpose: "REGISTER",
  attributes: { name: "text", income: "number", "household.member_count": "integer" },
};
const UPDATE = "POST /register-metadata/update_score_definition";
const CREATE = "POST /register-metadata/create_score_definition";
const RECOMPUTE = "POST /register-metadata/recompute_scores";
const EDIT = "/definitions/farmers/d1";

function aDefinition(changes: Partial<Definition> = {}): Definition {
  return {
    score_definition_id: "d1",
    register_id: "farmers",
    register_mnemonic: "Farmer",
    score_type: "FSF_SCORE",
    contributing_attributes: ["income"],
    score_config: { weights: { income: 0.01 } },
    is_enabled: true,
    version: 3,
    debounce: { quiet_period: 5, max_wait: 30 },
    inactive_reason: null,
    created_at: "2026-04-08T14:22:00Z",
    updated_at: "2026-04-08T14:22:00Z",
    ...changes,
  };
}

/** An API that keeps one definition, as the real one does. */
function anApi(stored = aDefinition(), others: Answers = {}): Answers {
  let definition = stored;
  return {
    "GET /registers": () => ({ registers: [REGISTER], next: null }),
    "POST /register-metadata/get_score_definitions": () => ({ score_definitions: [definition] }),
    "POST /computation-score/get_score_contributing_attributes": () => ({ contributing_attributes: [] }),
    "GET /register-metadata/recomputations": () => ({ recomputations: [] }),
    "GET /register-metadata/score_definition_history": () => ({
      score_definition_history: [
        {
          occurred_at: "2026-04-08T14:22:00Z",
          action: "update_score_definition",
          actor: "s-1",
          username: "bello",
          source: "api",
          details: { before: { version: 2, score_config: {} }, after: { version: 3, score_config: { weights: {} } } },
        },
      ],
      next: null,
    }),
    [UPDATE]: ({ body }) => {
      definition = { ...definition, ...(body as Partial<Definition>), version: definition.version + 1 };
      definition.inactive_reason = definition.is_enabled ? null : "is disabled; enable it first";
      return { score_definition: definition, stale_scores: 1200 };
    },
    ...others,
  };
}

const show_ = (at: string, answers: Answers = anApi(), permissions = ALL) =>
  show(definitionRoutes, { at, answers, permissions });

it("lists a register's definitions, and finds nothing against it", async () => {
  const { container } = await show_("/definitions?register=farmers");

  const row = (await screen.findByRole("link", { name: "FSF_SCORE" })).closest("tr") as HTMLElement;
  expect(within(row).getByText("5 sec of quiet, 30 sec at most")).toBeInTheDocument();
  expect(await accessibilityProblems(container)).toEqual([]);
});

it("offers the builders' register to whoever may see builders", async () => {
  await show_("/definitions", anApi(), [...ALL, "builder:view"]);

  await userEvent.selectOptions(await screen.findByLabelText("Register"), "Builders");
  expect(await screen.findByRole("link", { name: "New definition" })).toHaveAttribute(
    "href",
    "/definitions/new?register=builders",
  );
});

it("disables a definition by its switch and tells why nothing is computed", async () => {
  const { asked } = await show_("/definitions?register=farmers");

  await userEvent.click(await screen.findByRole("switch", { name: "FSF_SCORE enabled" }));

  expect(await screen.findByText("Computes nothing: it is disabled")).toBeInTheDocument();
  expect(screen.getByRole("switch")).not.toBeChecked();
  expect(bodiesOf(asked, UPDATE)).toEqual([{ score_definition_id: "d1", is_enabled: false }]);
});

it("leaves the switch as it was where the service refuses", async () => {
  await show_("/definitions?register=farmers", anApi(aDefinition(), { [UPDATE]: () => problem(409, "not now") }));

  await userEvent.click(await screen.findByRole("switch"));

  expect(await screen.findByRole("alert")).toHaveTextContent("not now");
  expect(screen.getByRole("switch")).toBeChecked();
});

it("offers no change to who may only look", async () => {
  await show_(EDIT, anApi(), ["register:view", "registerDefinition:view"]);

  expect(await screen.findByLabelText("Configuration (JSON)")).toHaveAttribute("readonly");
  expect(screen.getByRole("switch")).toBeDisabled();
  for (const name of ["Save", "Delete", "Recompute"]) expect(screen.queryByRole("button", { name })).toBeNull();
});

it("names the permission that is missing", async () => {
  await show_(EDIT, anApi(), ["register:view"]);

  expect(screen.getByRole("alert")).toHaveTextContent("registerDefinition:view");
});

it("saves what was changed, says how many scores are stale, and recomputes them", async () => {
  const recompute = () => ({ recomputations: [] });
  const { asked, container } = await show_(EDIT, anApi(aDefinition(), { [RECOMPUTE]: recompute }));
  const wait = await screen.findByLabelText("Longest wait, in seconds");

  await userEvent.clear(wait);
  await userEvent.type(wait, "60");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));

  expect(await screen.findByText("1,200 scores were computed by an older version.")).toBeInTheDocument();
  expect(bodiesOf(asked, UPDATE)).toEqual([{ score_definition_id: "d1", debounce: { quiet_period: 5, max_wait: 60 } }]);
  await userEvent.click(screen.getByRole("button", { name: "Recompute now" }));
  await waitFor(() =>
    expect(bodiesOf(asked, RECOMPUTE)).toEqual([
      { register_id: "farmers", score_types: ["FSF_SCORE"], only_stale: true },
    ]),
  );
  expect(await accessibilityProblems(container)).toEqual([]);
});

const typeWait = async (seconds: string) => {
  const wait = await screen.findByLabelText("Longest wait, in seconds");
  await userEvent.clear(wait);
  await userEvent.type(wait, seconds);
  return wait;
};
const save = () => userEvent.click(screen.getByRole("button", { name: "Save" }));

it("offers to compute the scores again after every change", async () => {
  await show_(EDIT, anApi(aDefinition(), { [RECOMPUTE]: () => ({ recomputations: [] }) }));
  await typeWait("60");
  await save();
  await userEvent.click(await screen.findByRole("button", { name: "Recompute now" }));
  expect(await screen.findByRole("button", { name: "The recomputation has started" })).toBeDisabled();

  await typeWait("70");
  await save();

  expect(await screen.findByRole("button", { name: "Recompute now" })).toBeEnabled();
});

it("overwrites what somebody else has saved meanwhile only for who has seen that", async () => {
  const api = anApi();
  const { asked } = await show_(EDIT, api);
  const wait = await typeWait("60");
  await api[UPDATE]?.({ body: { debounce: { quiet_period: 5, max_wait: 90 } }, query: new URLSearchParams() });

  await save();
  expect(await screen.findByText("The definition was changed meanwhile")).toBeInTheDocument();
  expect(bodiesOf(asked, UPDATE)).toEqual([]);
  expect(wait).toHaveValue("60");
  await save();

  await waitFor(() =>
    expect(bodiesOf(asked, UPDATE)).toEqual([
      { score_definition_id: "d1", debounce: { quiet_period: 5, max_wait: 60 } },
    ]),
  );
});

it("lets nothing be typed while it saves", async () => {
  const api = anApi();
  let answer = () => {};
  const isAnswered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await show_(EDIT, { ...api, [UPDATE]: (asked) => isAnswered.then(() => api[UPDATE]?.(asked)) });
  const wait = await typeWait("60");
  await save();

  await waitFor(() => expect(wait).toHaveAttribute("readonly"));
  expect(screen.getByRole("button", { name: "Discard changes" })).toBeDisabled();
  answer();

  expect(await screen.findByText("1,200 scores were computed by an older version.")).toBeInTheDocument();
  expect(wait).not.toHaveAttribute("readonly");
});

it("tells who changed what", async () => {
  await show_(EDIT);

  const history = await screen.findByRole("region", { name: "History" });
  expect(await within(history).findByText("bello")).toBeInTheDocument();
  expect(history).toHaveTextContent("version: 2 is now 3");
});

it("does not send what it knows to be refused, and goes to the field", async () => {
  const { asked } = await show_(EDIT);
  const config = await screen.findByLabelText("Configuration (JSON)");

  await userEvent.clear(config);
  await userEvent.paste('{"weights": {}}');
  await userEvent.click(screen.getByRole("button", { name: "Save" }));

  expect(config).toHaveAccessibleDescription(expect.stringContaining("weights has no weight for income"));
  expect(config).toHaveFocus();
  expect(bodiesOf(asked, UPDATE)).toEqual([]);
});

it("shows what the service refuses at the field that is to blame", async () => {
  const refusal = problem(422, "no service", [{ field: "score_type", detail: "no compute service serves it" }]);
  await show_("/definitions/new?register=farmers", anApi(aDefinition(), { [CREATE]: () => refusal }));
  const type = await screen.findByLabelText(/^Score type/);

  await userEvent.type(type, "CREDIT");
  await userEvent.click(screen.getByRole("combobox", { name: /^Attributes/ }));
  await userEvent.click(await screen.findByRole("option", { name: /income/ }));
  await userEvent.click(screen.getByRole("button", { name: "Create" }));

  await waitFor(() =>
    expect(type).toHaveAccessibleDescription(expect.stringContaining("no compute service serves it")),
  );
  expect(type).toHaveValue("CREDIT");
});

it("asks before changes are lost", async () => {
  const { router } = await show_(EDIT);
  await userEvent.type(await screen.findByLabelText("Configuration (JSON)"), " ");

  await userEvent.click(screen.getByRole("link", { name: "Go elsewhere" }));
  const question = await screen.findByRole("dialog", { name: "Leave without saving?" });
  await userEvent.click(within(question).getByRole("button", { name: "Leave" }));

  expect(await screen.findByRole("heading", { name: "Elsewhere" })).toBeInTheDocument();
  expect(router.state.location.pathname).toBe("/elsewhere");
});

it("asks before a half-typed weighted attribute is lost, by Escape as well", async () => {
  const bare = aDefinition({ contributing_attributes: [], score_config: {}, inactive_reason: "has none yet" });
  await show_(EDIT, anApi(bare));
  await userEvent.click(await screen.findByRole("button", { name: "Add a weighted attribute" }));
  const form = await screen.findByRole("dialog");
  const weight = within(form).getByLabelText(/^Weight/);
  await userEvent.type(weight, "0.4");

  await userEvent.keyboard("{Escape}");
  expect(await within(form).findByRole("alert")).toHaveTextContent("Leave without saving?");
  await userEvent.click(within(form).getByRole("button", { name: "Stay" }));
  expect(weight).toHaveValue("0.4");
  await userEvent.keyboard("{Escape}");
  await userEvent.click(await within(form).findByRole("button", { name: "Leave" }));

  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
});

it("keeps what was typed when another register is chosen", async () => {
  await show_("/definitions/new?register=farmers", anApi(), [...ALL, "builder:view"]);

  await userEvent.type(await screen.findByLabelText(/^Score type/), "PMT_SCORE");
  await userEvent.selectOptions(screen.getByLabelText("Register"), "Builders");

  expect(screen.getByLabelText(/^Score type/)).toHaveValue("PMT_SCORE");
  expect(screen.getByRole("combobox", { name: /^Attributes/ })).toHaveAccessibleDescription(/dot paths/);
});

it("asks for weighted attributes where the definition computes nothing without", async () => {
  const bare = aDefinition({ contributing_attributes: [], score_config: {}, inactive_reason: "has none yet" });
  const add = "POST /computation-score/create_score_contributing_attribute";
  const { asked } = await show_(EDIT, anApi(bare, { [add]: () => ({ contributing_attribute: {} }) }));

  await userEvent.click(await screen.findByRole("button", { name: "Add a weighted attribute" }));
  const form = await screen.findByRole("dialog");
  await userEvent.type(within(form).getByRole("combobox", { name: /^Attribute/ }), "income");
  await userEvent.type(within(form).getByLabelText(/^Weight/), "0.4");
  await userEvent.click(within(form).getByRole("button", { name: "Add" }));

  await waitFor(() =>
    expect(bodiesOf(asked, add)).toEqual([
      {
        score_definition_id: "d1",
        attribute_name: "income",
        attribute_weightage: 0.4,
        attribute_computation_required: false,
      },
    ]),
  );
});
