import { notifications } from "@mantine/notifications";
import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { accessibilityProblems } from "../../testing/accessibility";
import { Problem } from "./api/problem";
import { App, makeQueries } from "./app";
import { loadTexts } from "./texts";

beforeEach(() => {
  vi.stubGlobal("fetch", async () => Response.json({ provider: null }));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Asks what is refused so often before it is answered; says how often it was asked. */
async function ask(status: number, refusals: number): Promise<number> {
  let asked = 0;
  const queryFn = async () => {
    asked += 1;
    if (asked <= refusals) throw new Problem(status);
    return "an answer";
  };
  const asking = makeQueries()
    .fetchQuery({ queryKey: ["something"], queryFn })
    .catch(() => {});
  await vi.advanceTimersByTimeAsync(120_000);
  await asking;
  return asked;
}

it.each([0, 502, 503, 504])("asks a server that is away (%i) until it is back", async (status) => {
  vi.useFakeTimers();

  expect(await ask(status, 15)).toBe(16);
});

it("gives a server up that goes on failing, and what it refuses at once", async () => {
  vi.useFakeTimers();

  expect(await ask(500, 15)).toBe(6);
  expect(await ask(404, 15)).toBe(1);
});

it("has toasts that can be closed by who does not see them", async () => {
  const { baseElement } = render(<App translations={await loadTexts()} />);
  await screen.findByLabelText("Token");

  act(() => void notifications.show({ title: "CR-1", message: "was sent" }));

  expect(await screen.findByRole("button", { name: "Close" })).toBeInTheDocument();
  expect(await accessibilityProblems(baseElement)).toEqual([]);
  act(() => notifications.clean());
});
