import { screen, waitFor, within } from "@testing-library/react";
import { userEvent as users } from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { accessibilityProblems } from "../../../testing/accessibility";
import { ALL, problem, REGISTER, sentTo, visit, WAITING } from "../registers/testing";

const userEvent = users.setup({ delay: null });
afterEach(() => void vi.useRealTimers());

const APPROVE = "POST /change-requests/CR-00123/approve";
const REJECT = "POST /change-requests/CR-00123/reject";
const APPROVED = { ...WAITING, status: "APPROVED" as const, decided_at: "2026-11-21T11:00:00Z" };
const approve = () => screen.findByRole("button", { name: "Approve CR-00123" });
const reject = () => screen.findByRole("button", { name: "Reject CR-00123" });

/** The API of one change request that somebody decides. */
function deciding() {
  let now: object = WAITING;
  const decide = (status: string) => () => {
    now = { ...APPROVED, status };
    return now;
  };
  return {
    "GET /change-requests/CR-00123": () => now,
    [APPROVE]: decide("APPROVED"),
    [REJECT]: decide("REJECTED"),
  };
}

describe("a change request", () => {
  it("shows what it changes beside what the record holds now", async () => {
    const { container } = await visit("/change-requests/CR-00123");

    expect(await screen.findByRole("row", { name: "income 5,000 3,500" })).toBeInTheDocument();
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Change request CR-00123");
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it("is approved by one press, and is shown as approved without a reload", async () => {
    const { asked } = await visit("/change-requests/CR-00123", deciding());

    await userEvent.click(await approve());

    expect(await screen.findByText("Approved")).toBeInTheDocument();
    expect(screen.getByText(/CR-00123 is approved/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /Reject/ })).not.toBeInTheDocument();
    expect(screen.getByRole("main")).toHaveFocus();
    expect(sentTo(asked, APPROVE)).toHaveLength(1);
  });

  it("is rejected only after a second thought", async () => {
    const { asked } = await visit("/change-requests/CR-00123", deciding());

    await userEvent.click(await reject());
    const dialog = await screen.findByRole("dialog", { name: "Reject CR-00123" });
    expect(await accessibilityProblems(dialog)).toEqual([]);
    await userEvent.click(within(dialog).getByText("Keep it waiting"));
    expect(sentTo(asked, REJECT)).toEqual([]);

    await userEvent.click(await reject());
    await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Reject" }));
    expect(await screen.findByText("Rejected")).toBeInTheDocument();
    expect(sentTo(asked, REJECT)).toHaveLength(1);
  });

  it("that somebody else has decided meanwhile says so, and shows what became of it", async () => {
    let now: object = WAITING;
    await visit("/change-requests/CR-00123", {
      "GET /change-requests/CR-00123": () => now,
      [APPROVE]: () => {
        now = { ...APPROVED, status: "REJECTED" };
        return problem(409, "change request CR-00123 is REJECTED already");
      },
    });

    await userEvent.click(await approve());

    expect(await screen.findByText("Somebody else has decided it meanwhile")).toBeInTheDocument();
    expect(screen.getByText("change request CR-00123 is REJECTED already")).toBeInTheDocument();
    expect(await screen.findByText("Rejected")).toBeInTheDocument();
  });

  it("stays as it is where the server refuses, and can be approved again", async () => {
    await visit("/change-requests/CR-00123", { [APPROVE]: problem(422, "income is no attribute of this register") });

    await userEvent.click(await approve());

    expect(await screen.findByText("income is no attribute of this register")).toBeInTheDocument();
    await waitFor(async () => expect(await approve()).toBeEnabled());
  });

  it("is only looked at by those who may not approve, and by those who may not see the record without it", async () => {
    const { asked } = await visit("/change-requests/CR-00123", {}, ["changeRequest:view"]);

    expect(await screen.findByRole("row", { name: "income 3,500" })).toBeInTheDocument();
    expect(screen.getByRole("alert")).toHaveTextContent("registerRecord:view");
    expect(screen.queryByRole("button", { name: /Approve/ })).not.toBeInTheDocument();
    expect(sentTo(asked, "GET /records/record-a")).toEqual([]);
  });
});

it("shows what is asked for although the record cannot be had", async () => {
  await visit("/change-requests/CR-00123", { "GET /records/record-a": problem(404, "no record has the id record-a") });

  expect(await screen.findByRole("alert")).toHaveTextContent("no record has the id record-a");
  expect(screen.getByRole("row", { name: "income 3,500" })).toBeInTheDocument();
});

it("shows by itself that somebody else has decided", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  let now: object = WAITING;
  await visit("/change-requests/CR-00123", { "GET /change-requests/CR-00123": () => now });
  await approve();

  now = APPROVED;
  await vi.advanceTimersByTimeAsync(15_000);

  expect(await screen.findByText("Approved")).toBeInTheDocument();
});

describe("the inbox", () => {
  it("tells what is asked for where it is decided", async () => {
    await visit("/change-requests");

    const row = await screen.findByRole("row", { name: /CR-00123/ });
    expect(within(row).getByText("income").closest("li")).toHaveTextContent("income: 3,500");
    expect(within(row).getByRole("button", { name: "Approve CR-00123" })).toBeInTheDocument();
  });

  it("decides nothing of which it shows a part only", async () => {
    const change_payload = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, index]));
    await visit("/change-requests", {
      "GET /change-requests": { change_requests: [{ ...WAITING, change_payload }], next: null },
    });

    const all = await screen.findByRole("link", { name: "See all 11 changes" });
    expect(all).toHaveAttribute("href", "/change-requests/CR-00123");
    expect(screen.queryByRole("button", { name: "Approve CR-00123" })).not.toBeInTheDocument();
  });

  it("offers every register, those of one name told apart", async () => {
    const register = (register_id: string) => ({ ...REGISTER, register_id });
    await visit("/change-requests", {
      "GET /registers": ({ url }) =>
        url.includes("after=")
          ? { registers: [register("bbbbbbbb-2222")], next: null }
          : { registers: [register("aaaaaaaa-1111")], next: "aaaaaaaa-1111" },
    });

    expect(await screen.findByRole("option", { name: "Farmer (aaaaaaaa…)" })).toBeInTheDocument();
    expect(screen.getByRole("option", { name: "Farmer (bbbbbbbb…)" })).toBeInTheDocument();
  });

  it("shows by itself what others have decided", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    let rows: object[] = [WAITING];
    await visit("/change-requests", { "GET /change-requests": () => ({ change_requests: rows, next: null }) });
    await screen.findByRole("row", { name: /CR-00123/ });

    rows = [];
    await vi.advanceTimersByTimeAsync(15_000);

    expect(await screen.findByText("Nothing waits for approval")).toBeInTheDocument();
  });

  it("shows what waits in all registers, and of one register also what was decided", async () => {
    const { asked, container } = await visit("/change-requests");

    const row = await screen.findByRole("row", { name: /CR-00123/ });
    expect(await within(row).findByText("Farmer")).toBeInTheDocument();
    expect(within(row).getByRole("link", { name: "record-a" })).toHaveAttribute("href", "/records/record-a");
    expect(await accessibilityProblems(container)).toEqual([]);

    await userEvent.selectOptions(screen.getByLabelText("Register"), "Farmer");
    await userEvent.selectOptions(await screen.findByLabelText("Status"), "Approved");
    await waitFor(() => expect(asked.at(-1)?.url).toMatch(/register_id=farmers&status=APPROVED&limit=25$/));
  });

  it("loses a row when it is approved, and the reader keeps a place", async () => {
    let rows = [WAITING, { ...WAITING, change_request_id: "CR-00124" }];
    await visit("/change-requests", {
      "GET /change-requests": () => ({ change_requests: rows, next: null }),
      [APPROVE]: () => {
        rows = rows.slice(1);
        return APPROVED;
      },
    });

    await userEvent.click(await approve());

    await waitFor(() => expect(screen.queryByRole("row", { name: /CR-00123/ })).not.toBeInTheDocument());
    expect(screen.getByRole("region", { name: "Change requests" })).toHaveFocus();
  });

  it("goes on where the list goes on, even over an empty page", async () => {
    const page = (rows: object[], next: string | null) => ({ change_requests: rows, next });
    await visit("/change-requests", {
      "GET /change-requests": ({ url }) =>
        url.includes("after=b") ? page([WAITING], null) : url.includes("after=a") ? page([], "b") : page([], "a"),
    });

    const more = await screen.findByRole("button", { name: "Show more" });
    expect(screen.queryByText("Nothing waits for approval")).not.toBeInTheDocument();
    await userEvent.click(more);
    await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
    expect(await screen.findByRole("row", { name: /CR-00123/ })).toBeInTheDocument();
  });

  it("names the permission it takes", async () => {
    await visit(
      "/change-requests",
      {},
      ALL.filter((one) => one !== "changeRequest:view"),
    );

    expect(await screen.findByRole("alert")).toHaveTextContent("changeRequest:view");
  });
});
