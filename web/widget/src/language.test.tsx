import { act, render, screen } from "@testing-library/react";
import { createInstance, type i18n } from "i18next";
import { I18nextProvider } from "react-i18next";
import { expect, it, vi } from "vitest";
import { SCORE } from "./answers.cases";
import { ScoresDisplay } from "./scores-display";

const GIVEN = { widget: "scores-display", "widget-data-path": "scores" };

/** Translations that a host loads from its server, by language and namespace. */
async function translationsOf(served: Record<string, Record<string, string>>, ns: string[] = []) {
  const read = vi.fn(async (language: string, namespace: string) => {
    const texts = served[`${language}/${namespace}`];
    if (texts === undefined) throw new Error("404");
    return texts;
  });
  const translations = createInstance();
  const backend = {
    type: "backend" as const,
    callbackApi: false,
    init() {},
    read: (l: string, n: string) => read(l, n),
  };
  await translations.use(backend).init({ lng: "fr", fallbackLng: false, ns: ["host", ...ns], defaultNS: "host" });
  return { translations, read };
}

function show(translations: i18n, scores: unknown[] = []) {
  return render(
    <I18nextProvider i18n={translations}>
      <ScoresDisplay config={GIVEN} host={{ values: { scores } }} />
    </I18nextProvider>,
  );
}

it("what the host's server says in the widget's namespace comes first, the rest is the widget's", async () => {
  const { translations } = await translationsOf({ "fr/scores-display": { empty: "Rien" } });
  const { rerender } = show(translations);
  expect(await screen.findByText("Rien")).toBeVisible();

  rerender(
    <I18nextProvider i18n={translations}>
      <ScoresDisplay config={GIVEN} host={{ values: {} }} />
    </I18nextProvider>,
  );
  expect(screen.getByText("Chargement des scores")).toBeVisible();
});

it("a host's server that has nothing for the widget leaves it to its own texts", async () => {
  const { translations, read } = await translationsOf({});
  show(translations);

  expect(await screen.findByText("Cet enregistrement n’a pas de score.")).toBeVisible();
  expect(read).toHaveBeenCalledWith("fr", "scores-display");
});

it("a namespace that the host has loaded before is filled up at once", async () => {
  const { translations } = await translationsOf({ "fr/scores-display": { tryAgain: "Encore" } }, ["scores-display"]);
  show(translations);

  expect(await screen.findByText("Cet enregistrement n’a pas de score.")).toBeVisible();
});

it("another language of the reader's is asked for as well", async () => {
  const { translations } = await translationsOf({ "ar/scores-display": { empty: "فارغ" } });
  show(translations);
  await screen.findByText("Cet enregistrement n’a pas de score.");
  await act(() => translations.changeLanguage("ar"));

  expect(await screen.findByText("فارغ")).toBeVisible();
  await act(() => translations.changeLanguage("en"));
  expect(await screen.findByText("This record has no scores.")).toBeVisible();
});

it("in Arabic a history is not called by the word for a record", async () => {
  const translations = createInstance();
  await translations.init({ lng: "ar", resources: {} });
  const handler = async () => ({ scores: [SCORE] });
  const source = { type: "api", service: "s", endpoint: "get_scores", params: { internal_record_id_path: "id" } };
  render(
    <I18nextProvider i18n={translations}>
      <ScoresDisplay
        config={{ widget: "scores-display", "widget-data-source": source }}
        host={{ handler, values: { id: 1 } }}
      />
    </I18nextProvider>,
  );

  expect(await screen.findByRole("button", { name: "سجلّ التغييرات: PMT_SCORE" })).toHaveTextContent("سجلّ التغييرات");
});
