import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { I18nextProvider } from "react-i18next";
import { afterEach, expect, it, vi } from "vitest";
import { Problem } from "../api/problem";
import { loadTexts } from "../texts";
import { Refused } from "./faces";

async function show(reason: unknown) {
  render(
    <I18nextProvider i18n={await loadTexts()}>
      <MantineProvider>
        <Refused reason={reason} />
      </MantineProvider>
    </I18nextProvider>,
  );
  return screen.getByRole("alert");
}

afterEach(() => vi.restoreAllMocks());

it.each([
  [0, "The server cannot be reached", "The server does not answer."],
  [503, "The server cannot be reached", "The server does not answer."],
  [429, "Too many requests", "Wait a moment, then try again."],
  [500, "That did not work", "The server answered with status 500."],
  [403, "You have no permission to see this", "The server answered with status 403."],
])("says what status %i means where the API says nothing", async (status, title, words) => {
  const face = await show(new Problem(status));

  expect(face).toHaveTextContent(title);
  expect(face).toHaveTextContent(words);
});

it("says it in the reader's language", async () => {
  vi.spyOn(navigator, "languages", "get").mockReturnValue(["fr-FR"]);

  expect(await show(new Problem(502))).toHaveTextContent("Le serveur ne répond pas.");
});

it("leaves the words to the API where it has any", async () => {
  const face = await show(new Problem(429, { title: "Too Many Requests", detail: "6000 writes a minute are allowed" }));

  expect(face).toHaveTextContent(/^Too many requests6000 writes a minute are allowed$/);
});
