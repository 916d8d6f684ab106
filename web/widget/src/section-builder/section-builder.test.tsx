import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18next from "i18next";
import { useState } from "react";
import { I18nextProvider, initReactI18next } from "react-i18next";
import { expect, test } from "vitest";
import { accessibilityProblems } from "../../../testing/accessibility";
import { SectionBuilder, type SectionBuilderProps } from "./section-builder";
import { type SectionConfig, scoresSection } from "./sections";

const plain = (id: string, title: string): SectionConfig => ({ "section-id": id, "section-title": title, panels: [] });
const SECTIONS = [plain("home", "Home"), scoresSection(), plain("land", "Land")];

interface HostProps extends Pick<SectionBuilderProps, "coreSections"> {
  first: readonly SectionConfig[];
  onKept: (sections: readonly SectionConfig[]) => void;
}

/** A host that keeps what it is told. */
function Host({ first, coreSections, onKept }: HostProps) {
  const [sections, setSections] = useState(first);
  function keep(changed: SectionConfig[]) {
    setSections(changed);
    onKept(changed);
  }
  return <SectionBuilder sections={sections} onChange={keep} coreSections={coreSections} />;
}

async function show(
  coreSections: SectionBuilderProps["coreSections"] = "lock",
  language = "en",
  first: readonly SectionConfig[] = SECTIONS,
) {
  const translations = i18next.createInstance();
  await translations.use(initReactI18next).init({ lng: language, fallbackLng: "en", resources: {} });
  let kept = first;
  const { container } = render(
    <I18nextProvider i18n={translations}>
      <Host
        first={first}
        coreSections={coreSections}
        onKept={(sections) => {
          kept = sections;
        }}
      />
    </I18nextProvider>,
  );
  return { container, kept: () => kept, ids: () => kept.map((section) => section["section-id"]) };
}

const user = userEvent.setup();
const click = (name: string | RegExp) => user.click(screen.getByRole("button", { name }));

test("a core section is seen, told why it is locked, and has no controls", async () => {
  await show();
  const core = within(screen.getByText("Computed Scores").closest("li") as HTMLElement);

  expect(core.getByText("Core section")).toBeVisible();
  expect(core.getByText("The registry platform manages this section. It cannot be edited here.")).toBeVisible();
  expect(core.queryAllByRole("button")).toEqual([]);
  expect(core.queryAllByRole("textbox")).toEqual([]);
});

test("hidden core sections are not seen, and stay", async () => {
  const { kept } = await show("hide");
  expect(screen.queryByText("Computed Scores")).toBeNull();

  await click("Move Land up");

  expect(kept().map((section) => section["section-id"])).toEqual(["land", "home", "scores"]);
  expect(screen.getByText("Land is now number 1 of 2.")).toBeVisible();
});

test("a section is moved around a core one by keyboard, and the focus stays on the button", async () => {
  const { ids } = await show();
  const down = screen.getByRole("button", { name: "Move Home down" });
  down.focus();

  await user.keyboard("{Enter}");
  expect(ids()).toEqual(["scores", "home", "land"]);
  await user.keyboard("{Enter}");
  await user.keyboard("{Enter}");

  expect(ids()).toEqual(["scores", "land", "home"]);
  expect(down).toHaveFocus();
  expect(down).toHaveAttribute("aria-disabled", "true");
});

test("a section is renamed as one types", async () => {
  const { kept } = await show();

  await user.type(screen.getByRole("textbox", { name: "Title of the section home" }), "stead");

  expect(kept()[0]).toEqual(plain("home", "Homestead"));
});

test("a removed section can be brought back to where it was", async () => {
  const { kept, ids } = await show();

  await click("Remove Home");
  expect(ids()).toEqual(["scores", "land"]);
  expect(screen.getByRole("button", { name: "Bring Home back" })).toHaveFocus();
  await click("Bring Home back");

  expect(kept()).toEqual(SECTIONS);
  expect(screen.queryByRole("button", { name: /Bring/ })).toBeNull();
});

test("of two sections with one id, the one that is meant is renamed, moved and removed", async () => {
  const { kept } = await show("lock", "en", [plain("home", "Home"), plain("home", "Twin")]);

  await user.type(screen.getByDisplayValue("Twin"), "s");
  expect(kept()).toEqual([plain("home", "Home"), plain("home", "Twins")]);
  await click("Move Twins up");
  expect(kept()).toEqual([plain("home", "Twins"), plain("home", "Home")]);
  expect(screen.getByText("Twins is now number 1 of 2.")).toBeVisible();
  await click("Remove Home");

  expect(kept()).toEqual([plain("home", "Twins")]);
});

test("what cannot be brought back, as its id was taken meanwhile, is told, and can be once that is mended", async () => {
  const { ids } = await show();
  await click("Remove Home");
  await edit('{"section-id": "home", "section-title": "Land", "panels": []}');

  await click("Bring Home back");

  expect(screen.getByText("“home” is the section-id of another section. Choose another.")).toBeVisible();
  expect(ids()).toEqual(["scores", "home"]);
  await edit('{"section-id": "land", "section-title": "Land", "panels": []}');
  await click("Bring Home back");
  expect(ids()).toEqual(["home", "scores", "land"]);
});

test("a second removal gives the focus to what brings that one back", async () => {
  await show();

  await click("Remove Home");
  await click("Remove Land");

  expect(screen.getByRole("button", { name: "Bring Land back" })).toHaveFocus();
});

test("an added section takes the focus", async () => {
  const { kept } = await show();

  await click("Add a section");

  expect(kept()[3]).toEqual({
    "section-id": "section-4",
    "section-title": "New section",
    "section-editable": true,
    panels: [],
  });
  expect(screen.getByDisplayValue("New section")).toHaveFocus();
});

test("a section is edited as JSON, its id as well", async () => {
  const { kept } = await show();
  await edit('{"section-id": "fields", "section-title": "Fields", "panels": [{"panel-id": "p"}]}');

  expect(kept()[2]).toEqual({ ...plain("fields", "Fields"), panels: [{ "panel-id": "p" }] });
  expect(screen.queryByRole("textbox", { name: /JSON/ })).toBeNull();
  expect(screen.getByDisplayValue("Fields")).toHaveFocus();
});

test.each([
  ["is no JSON", "{", "This is not JSON."],
  ["lacks panels", '{"section-id": "land"}', "panels"],
  ["claims to be core", '{"section-id": "land", "section-is-core": true, "panels": []}', "Take section-is-core out"],
  ["takes a core section's id", '{"section-id": "scores", "panels": []}', "copies from the core section “scores”"],
  ["takes another section's id", '{"section-id": "home", "panels": []}', "“home” is the section-id of another section"],
])("JSON that %s is refused with the reason, and stays to be mended", async (_, json, reason) => {
  const { kept } = await show();
  await edit(json);

  expect(screen.getByRole("alert")).toHaveTextContent(reason);
  expect(screen.getByRole("textbox", { name: "JSON of Land" })).toHaveValue(json);
  expect(screen.getByRole("textbox", { name: "JSON of Land" })).toBeInvalid();
  expect(kept()).toEqual(SECTIONS);
});

test("cancelling leaves the section as it was", async () => {
  const { kept } = await show();
  await click("Edit Land as JSON");
  await user.type(screen.getByRole("textbox", { name: "JSON of Land" }), "x");

  await click("Cancel");

  expect(kept()).toEqual(SECTIONS);
  expect(screen.getByRole("button", { name: "Edit Land as JSON" })).toHaveFocus();
});

test.each(["en", "ar"])("axe finds nothing in %s", async (language) => {
  const { container } = await show("lock", language);
  await user.click(container.querySelector("[aria-expanded=false]") as Element);
  await user.clear(container.querySelector("textarea") as Element);
  await user.click(container.querySelector(".scores-section-json button") as Element);
  await screen.findByText(language === "ar" ? /ليس JSON/ : /not JSON/);

  expect(container.querySelector("section")).toHaveAttribute("dir", language === "ar" ? "rtl" : "ltr");
  expect(await accessibilityProblems(container)).toEqual([]);
});

async function edit(json: string) {
  await click("Edit Land as JSON");
  const field = screen.getByRole("textbox", { name: "JSON of Land" });
  await user.clear(field);
  await user.click(field);
  await user.paste(json);
  await click("Apply");
}
