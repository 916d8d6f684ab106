import { describe, expect, it } from "vitest";
import { asProblem } from "./problem";

describe("a service that cannot be reached", () => {
  it.each([
    ["fetch", new TypeError("Failed to fetch")],
    ["axios", Object.assign(new Error("Network Error"), { code: "ERR_NETWORK" })],
  ])("is told in the reader's language, not in the words of %s", (_, reason) => {
    expect(asProblem(reason)).toMatchObject({ kind: "unreachable", message: "" });
  });
});

it("what a service says itself is told as it stands", () => {
  const reason = { code: "ERR_BAD_RESPONSE", response: { status: 503, data: { detail: "the database is away" } } };

  expect(asProblem(reason)).toMatchObject({ kind: "unreachable", message: "the database is away" });
  expect(asProblem(new Error("no such service"))).toMatchObject({ kind: "refused", message: "no such service" });
});
