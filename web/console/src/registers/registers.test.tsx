import { screen, waitFor } from "@testing-library/react";
import { userEvent as users } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { accessibilityProblems } from "../../../testing/accessibility";
import { flawsOfRows } from "./register-draft";
import { ALL, problem, RECORD, REGISTER, sentTo, visit } from "./testing";

const userEvent = users.setup({ delay: null });

const SEARCH = "POST /registers/farmers/search_records";
const CREATE = "POST /registers";

describe("the list of registers", () => {
  it("leads to each of them, and to a new one for whoever may make it", async () => {
    const { container } = await visit("/registers");

    expect(await screen.findByRole("link", { name: "Farmer" })).toHaveAttribute("href", "/registers/farmers");
    expect(screen.getByRole("link", { name: "Create a register" })).toBeInTheDocument();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it("offers no new one to others", async () => {
    await visit("/registers", {}, ["register:view"]);

    await screen.findByRole("link", { name: "Farmer" });
    expect(screen.queryByRole("link", { name: "Create a register" })).not.toBeInTheDocument();
  });

  it("names the permission it takes", async () => {
    await visit("/registers", {}, []);

    expect(await screen.findByRole("alert")).toHaveTextContent("register:view");
  });
});

describe("a register", () => {
  it("finds records by words that stand in no address", async () => {
    const found = { ...RECORD, internal_record_id: "record-f", attributes: { name: "Fatou Sow" } };
    const { asked, router, container } = await visit("/registers/farmers", {
      [SEARCH]: { records: [found], next: null },
    });

    expect(await screen.findByRole("link", { name: "record-a" })).toHaveAttribute("href", "/records/record-a");
    await userEvent.type(screen.getByRole("textbox", { name: "Search" }), "fatou{Enter}");

    expect(await screen.findByRole("cell", { name: "Fatou Sow" })).toBeInTheDocument();
    expect(screen.queryByRole("link", { name: "record-a" })).not.toBeInTheDocument();
    expect(sentTo(asked, SEARCH)).toEqual([{ search_text: "fatou", limit: 50, after: null }]);
    expect([...asked.map((one) => one.url), router.state.location.search, window.location.href].join()).not.toMatch(
      /fatou/,
    );
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toMatch(/fatou/);
    expect(await accessibilityProblems(container)).toEqual([]);

    await userEvent.click(screen.getByRole("button", { name: "Show all records" }));
    expect(await screen.findByRole("link", { name: "record-a" })).toBeInTheDocument();
  });

  it("keeps the reader in the search, and tells the number of what was found in an element that was there", async () => {
    await visit("/registers/farmers", {
      [SEARCH]: { records: [RECORD, { ...RECORD, internal_record_id: "b" }], next: null },
    });
    const field = await screen.findByRole("textbox", { name: "Search" });
    const status = screen.getByRole("status");
    await waitFor(() => expect(status).toHaveTextContent("Records shown: 1"));

    await userEvent.type(field, " amina {Enter}");

    await waitFor(() => expect(status).toHaveTextContent("Records shown: 2"));
    expect(field).toHaveFocus();
    expect(field).toHaveValue("amina");
    await userEvent.click(screen.getByRole("button", { name: "Show all records" }));
    expect(field).toHaveFocus();
    expect(field).toHaveValue("");
    await waitFor(() => expect(status).toHaveTextContent("Records shown: 1"));
  });

  it("tells why a search is refused", async () => {
    const why = "search_text holds more than 10 words; leave some of them out";
    await visit("/registers/farmers", { [SEARCH]: problem(422, why, "search_text") });

    await userEvent.type(await screen.findByRole("textbox", { name: "Search" }), "a b{Enter}");

    expect(await screen.findByRole("alert")).toHaveTextContent(why);
  });

  it("remembers the words for who comes back from a record", async () => {
    const { router } = await visit("/registers/farmers", { [SEARCH]: { records: [RECORD], next: null } });
    await userEvent.type(await screen.findByRole("textbox", { name: "Search" }), "amina{Enter}");

    await userEvent.click(await screen.findByRole("link", { name: "record-a" }));
    await screen.findByRole("heading", { name: "Record" });
    await router.navigate(-1);

    expect(await screen.findByRole("textbox", { name: "Search" })).toHaveValue("amina");
  });

  it("says that nothing matches", async () => {
    await visit("/registers/farmers", { [SEARCH]: { records: [], next: null } });

    await userEvent.type(await screen.findByRole("textbox", { name: "Search" }), "nobody{Enter}");

    expect(await screen.findByText("No record matches")).toBeInTheDocument();
  });

  it("shows its records page by page", async () => {
    const second = { ...RECORD, internal_record_id: "record-b" };
    const { asked } = await visit("/registers/farmers", {
      "GET /registers/farmers/records": ({ url }) =>
        url.includes("after=record-a") ? { records: [second], next: null } : { records: [RECORD], next: "record-a" },
    });

    await userEvent.click(await screen.findByRole("button", { name: "Show more" }));

    expect(await screen.findByRole("link", { name: "record-b" })).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "record-a" })).toBeInTheDocument();
    expect(screen.getByRole("status")).toHaveTextContent("Records shown: 2");
    expect(screen.queryByRole("button", { name: "Show more" })).not.toBeInTheDocument();
    expect(asked.filter((one) => one.url.startsWith("/registers/farmers/records"))).toHaveLength(2);
  });

  it("leads to its definitions and to its work, and offers what is permitted only", async () => {
    await visit("/registers/farmers", {}, ["register:view", "registerDefinition:view"]);

    const definitions = await screen.findByRole("link", { name: "Score definitions" });
    expect(definitions).toHaveAttribute("href", "/definitions?register=farmers");
    expect(screen.queryByRole("link", { name: /Pending and failed/ })).not.toBeInTheDocument();
    expect(screen.queryByRole("link", { name: /new record/ })).not.toBeInTheDocument();
    expect(screen.getByRole("alert")).toHaveTextContent("registerRecord:view");
  });
});

describe("creating a register", () => {
  it("sends its attributes with their types, and shows it", async () => {
    const { asked, router } = await visit("/registers/new", { [CREATE]: REGISTER });

    await userEvent.type(await screen.findByRole("textbox", { name: /^Name/ }), "Farmer");
    await userEvent.type(screen.getByRole("textbox", { name: "Attribute 1" }), "name");
    await userEvent.click(screen.getByRole("button", { name: "Add an attribute" }));
    await userEvent.type(screen.getByRole("textbox", { name: "Attribute 2" }), "household.size");
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "Type of attribute 2" }), "whole number");
    await userEvent.click(screen.getByRole("button", { name: "Create a register" }));

    await waitFor(() => expect(router.state.location.pathname).toBe("/registers/farmers"));
    expect(sentTo(asked, CREATE)).toEqual([
      {
        register_mnemonic: "Farmer",
        register_purpose: "REGISTER",
        attributes: { name: "text", "household.size": "integer" },
      },
    ]);
  });

  it("catches a missing name and a bad attribute before anything is sent", async () => {
    const { asked, container } = await visit("/registers/new");

    await userEvent.type(await screen.findByRole("textbox", { name: "Attribute 1" }), "a..b");
    await userEvent.click(screen.getByRole("button", { name: "Create a register" }));

    expect(screen.getByRole("textbox", { name: /^Name/ })).toHaveAccessibleDescription("Give the register a name");
    const bad = screen.getByRole("textbox", { name: "Attribute 1" });
    expect(bad).toHaveAccessibleDescription(/names joined by single dots/);
    expect(sentTo(asked, CREATE)).toEqual([]);
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it("shows what the server says of an attribute at that attribute", async () => {
    await visit("/registers/new", { [CREATE]: problem(422, "a has an unheard-of type", "attributes.a") });

    await userEvent.type(await screen.findByRole("textbox", { name: /^Name/ }), "Farmer");
    await userEvent.type(screen.getByRole("textbox", { name: "Attribute 1" }), "a");
    await userEvent.click(screen.getByRole("button", { name: "Create a register" }));

    await waitFor(() =>
      expect(screen.getByRole("textbox", { name: "Attribute 1" })).toHaveAccessibleDescription(/unheard-of type/),
    );
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("shows the whole refusal where it speaks of more than stands in the form", async () => {
    const refusal = problem(422, "two things are wrong", "attributes.a");
    const body = {
      ...(await refusal.json()),
      errors: [
        { field: "attributes.a", detail: "of no type" },
        { field: "elsewhere", detail: "no" },
      ],
    };
    await visit("/registers/new", { [CREATE]: Response.json(body, { status: 422 }) });

    await userEvent.type(await screen.findByRole("textbox", { name: /^Name/ }), "Farmer");
    await userEvent.type(screen.getByRole("textbox", { name: "Attribute 1" }), "a");
    await userEvent.click(screen.getByRole("button", { name: "Create a register" }));

    expect(await screen.findByRole("alert")).toHaveTextContent("two things are wrong");
  });

  it.each([
    ["an empty one", ["a", ""], ["pathMissing"]],
    ["one that stands twice", ["a", " a"], ["pathTwice"]],
    ["one within another", ["a.b", "a"], ["pathWithin"]],
    ["one that begins with a dot", [".a"], ["pathIsNone"]],
    ["one with a blank beside a dot", ["a .b"], ["pathIsNone"]],
    ["one with a character that cannot be seen", ["a\u0007b"], ["pathIsNone"]],
    ["one of 17 names", [Array(17).fill("a").join(".")], ["pathIsNone"]],
    ["one of 513 characters", ["a".repeat(513)], ["pathIsNone"]],
  ])("does not take, as a name of an attribute, %s", (_name, paths, flaws) => {
    const rows = paths.map((path, key) => ({ key, path, type: "text" as const }));
    expect([...flawsOfRows(rows).values()].map((flaw) => flaw.text)).toEqual(flaws);
  });

  it("takes names of any language, with blanks inside, 16 of them, 512 characters", () => {
    const paths = ["الدخل", "land area", Array(16).fill("a").join("."), "b".repeat(512), "ab", "a1.b"];
    expect(flawsOfRows(paths.map((path, key) => ({ key, path, type: "text" as const }))).size).toBe(0);
  });

  it("names the permission it takes", async () => {
    await visit(
      "/registers/new",
      {},
      ALL.filter((one) => one !== "register:manage"),
    );

    expect(await screen.findByRole("alert")).toHaveTextContent("register:manage");
  });
});
