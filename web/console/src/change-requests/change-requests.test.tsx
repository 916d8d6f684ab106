import { screen, waitFor, within } from "@testing-library/react";
import { userEvent as users } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { accessibilityProblems } from "../../../testing/accessibility";
import { ALL, problem, sentTo, visit, WAITING } from "../registers/testing";

const userEvent = users.setup({ delay: null });

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

describe("the inbox", () => {
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
