import { screen, waitFor, within } from "@testing-library/react";
import { userEvent as users } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { accessibilityProblems } from "../../../testing/accessibility";
import { ALL, type Asked, problem, REGISTER, sentTo, visit, WAITING } from "../registers/testing";

const userEvent = users.setup({ delay: null });

const CREATE = "POST /change-requests";
const field = (name: RegExp) => screen.findByRole("textbox", { name });
const send = () => userEvent.click(screen.getByRole("button", { name: "Send the change request" }));

async function retype(name: RegExp, text: string) {
  const one = await field(name);
  await userEvent.clear(one);
  if (text !== "") await userEvent.type(one, text.replace(/[[{]/g, "$&$&"));
  return one;
}

describe("asking for a change of a record", () => {
  it("sends what was changed and nothing else, each value as its type, null for what was emptied", async () => {
    const { asked, router } = await visit("/records/record-a/change", { [CREATE]: WAITING });

    await retype(/^income/, "3500.5");
    await retype(/^household.member_count/, "6");
    await userEvent.selectOptions(screen.getByRole("combobox", { name: /has_electricity/ }), "no");
    await retype(/^crops/, "rice\n12");
    await retype(/^name/, "");
    expect(screen.getByText("The value will be removed")).toBeInTheDocument();
    await userEvent.type(await field(/Id of the change request/), "CR-00777");
    await send();

    await waitFor(() => expect(router.state.location.pathname).toBe("/records/record-a"));
    expect(sentTo(asked, CREATE)).toEqual([
      {
        register_id: "farmers",
        internal_record_id: "record-a",
        change_request_id: "CR-00777",
        change_payload: {
          income: 3500.5,
          "household.member_count": 6,
          "household.has_electricity": false,
          crops: ["rice", 12],
          name: null,
        },
      },
    ]);
    expect(await screen.findByText("CR-00123 waits for approval")).toBeInTheDocument();
  });

  it("catches what does not fit before anything is sent, and goes to the first such field", async () => {
    const { asked, container } = await visit("/records/record-a/change");

    const income = await retype(/^income/, "much");
    const crops = await retype(/^crops/, "rice\n[1,");
    await send();

    expect(income).toHaveAccessibleDescription(/Write a number such as 1234.5/);
    expect(crops).toHaveAccessibleDescription(/Line 2 begins as JSON/);
    await waitFor(() => expect(crops).toHaveFocus());
    expect(sentTo(asked, CREATE)).toEqual([]);
    expect(await accessibilityProblems(container)).toEqual([]);

    await retype(/^income/, "1");
    expect(income).not.toHaveAccessibleDescription(/Write a number/);
  });

  it("asks for at least one change", async () => {
    const { asked } = await visit("/records/record-a/change");

    await field(/^income/);
    await send();

    expect(await screen.findByText(/Nothing was changed/)).toBeInTheDocument();
    expect(sentTo(asked, CREATE)).toEqual([]);
  });

  it.each([
    ["422", problem(422, "income must be of type number", "income"), /^income/, "income must be of type number"],
    ["409", problem(409, "CR-1 exists already", "change_request_id"), /^Id of the/, "CR-1 exists already"],
  ])(
    "shows what the server says of a field at that field, and leaves the rest as typed (%s)",
    async (_, refusal, name, said) => {
      await visit("/records/record-a/change", { [CREATE]: refusal });

      await retype(/^income/, "3500");
      await send();

      const refused = await field(name);
      await waitFor(() => expect(refused).toHaveAccessibleDescription(new RegExp(said)));
      expect(await field(/^income/)).toHaveValue("3500");
      expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    },
  );

  it("shows what the server says of the whole above the button", async () => {
    await visit("/records/record-a/change", { [CREATE]: problem(422, "too much of it", "elsewhere") });

    await retype(/^income/, "3500");
    await send();

    expect(await screen.findByRole("alert")).toHaveTextContent("too much of it");
  });

  it("is not offered where hooks feed the register", async () => {
    await visit("/records/record-a/change", { "GET /registers/farmers": { ...REGISTER, hook_sender: "registry-b" } });

    expect(await screen.findByText(/fed by registry-b/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /Send/ })).not.toBeInTheDocument();
  });

  it("names the permission it takes", async () => {
    await visit(
      "/records/record-a/change",
      {},
      ALL.filter((one) => one !== "changeRequest:create"),
    );

    expect(await screen.findByRole("alert")).toHaveTextContent("changeRequest:create");
  });
});

describe("a change request whose answer is lost", () => {
  /** The API keeps ids; the answer to the first request never arrives. */
  function losing() {
    const kept = new Map<string, object>();
    return {
      [CREATE]: ({ body }: Asked) => {
        const { change_request_id: id } = body as { change_request_id: string };
        if (kept.has(id)) return problem(409, `change request ${id} exists already`, "change_request_id");
        kept.set(id, body as object);
        return kept.size === 1 ? problem(502, "") : { ...WAITING, change_request_id: id };
      },
    };
  }

  it("is not made twice by sending it again", async () => {
    const { asked, router } = await visit("/records/record-a/change", losing());

    await retype(/^income/, "3500");
    await send();
    await screen.findByRole("alert");
    await send();

    await waitFor(() => expect(router.state.location.pathname).toBe("/records/record-a"));
    const [first, second] = sentTo(asked, CREATE) as { change_request_id: string }[];
    expect(second).toEqual(first);
    expect(await screen.findByText(`${first?.change_request_id} waits for approval`)).toBeInTheDocument();
  });

  it("is not taken for another that was asked for since", async () => {
    const { asked, router } = await visit("/records/record-a/change", losing());

    await retype(/^income/, "3500");
    await send();
    await screen.findByRole("alert");
    await retype(/^income/, "3600");
    await send();

    expect(await screen.findByText(/without your latest changes/)).toBeInTheDocument();
    expect(router.state.location.pathname).toBe("/records/record-a/change");
    await send();
    await waitFor(() => expect(router.state.location.pathname).toBe("/records/record-a"));
    const [first, , third] = sentTo(asked, CREATE) as { change_request_id: string }[];
    expect(third?.change_request_id).not.toBe(first?.change_request_id);
    expect(third).toMatchObject({ change_payload: { income: 3600 } });
  });
});

describe("a form with changes", () => {
  it("is not left without a question", async () => {
    const { router } = await visit("/records/record-a/change");

    await retype(/^income/, "3500");
    await userEvent.click(screen.getByRole("link", { name: "Cancel" }));
    const question = await screen.findByRole("dialog", { name: "Leave without saving?" });
    await userEvent.click(within(question).getByText("Stay"));
    expect(await field(/^income/)).toHaveValue("3500");

    await userEvent.click(screen.getByRole("link", { name: "Cancel" }));
    await userEvent.click(await screen.findByRole("button", { name: "Leave" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/records/record-a"));
  });

  it("takes a number as the reader's language writes it", async () => {
    const { asked, translations } = await visit("/records/record-a/change", { [CREATE]: WAITING });
    await translations.changeLanguage("fr");

    await retype(/^income/, "3500,5");
    await userEvent.click(screen.getByRole("button", { name: "Envoyer la demande" }));

    await waitFor(() => expect(sentTo(asked, CREATE)).toMatchObject([{ change_payload: { income: 3500.5 } }]));
    localStorage.clear();
  });
});

it("asks for a new record with the values that were given, and shows its change request", async () => {
  const created = { ...WAITING, internal_record_id: null, change_payload: { name: "Fatou" } };
  const { asked, router } = await visit("/registers/farmers/new-record", {
    [CREATE]: created,
    "GET /change-requests/CR-00123": created,
  });

  await userEvent.type(await field(/^name/), "Fatou");
  await send();

  await waitFor(() => expect(router.state.location.pathname).toBe("/change-requests/CR-00123"));
  expect(sentTo(asked, CREATE)).toEqual([
    {
      register_id: "farmers",
      change_request_id: expect.stringMatching(/^CR-[0-9a-f]{32}$/),
      change_payload: { name: "Fatou" },
    },
  ]);
  const changes = await screen.findByRole("region", { name: "Changes" });
  expect(within(changes).getByRole("row", { name: "name Fatou" })).toBeInTheDocument();
});
