import { describe, expect, test } from "vitest";
import { assertCoreUntouched, isCore, SectionEditError } from "./core-guard";
import {
  addSection,
  moveSection,
  newSection,
  placeBeside,
  removeSection,
  renameSection,
  replaceSection,
  sectionFromJson,
} from "./section-edits";
import { type SectionConfig, scoresSection } from "./sections";

const plain = (id: string, title = id): SectionConfig => ({ "section-id": id, "section-title": title, panels: [] });
const SECTIONS = [plain("home"), scoresSection(), plain("land")];
const ids = (sections: readonly SectionConfig[]) => sections.map((section) => section["section-id"]);
const withWidget = (id: string, widgetId: string): SectionConfig => ({
  ...plain(id),
  panels: [{ "panel-id": `${id}-panel`, widgets: [{ widget: "text", "widget-id": widgetId }] }],
});

function problemOf(edit: () => unknown): string {
  try {
    edit();
  } catch (error) {
    if (error instanceof SectionEditError) return `${error.problem} ${error.sectionId}`;
    throw error;
  }
  return "none";
}

describe("ordinary sections", () => {
  test("are renamed, moved around a core section, removed, added and replaced", () => {
    expect(renameSection(SECTIONS, 0, "Household")[0]).toEqual(plain("home", "Household"));
    expect(ids(moveSection(SECTIONS, 0, 1))).toEqual(["scores", "home", "land"]);
    expect(ids(moveSection(SECTIONS, 2, -1))).toEqual(["home", "land", "scores"]);
    expect(ids(removeSection(SECTIONS, 0))).toEqual(["scores", "land"]);
    expect(ids(addSection(SECTIONS, plain("new"), 1))).toEqual(["home", "new", "scores", "land"]);
    expect(ids(replaceSection(SECTIONS, 2, plain("fields")))).toEqual(["home", "scores", "fields"]);
  });

  test("pass core sections that are not seen in one move", () => {
    expect(ids(moveSection(SECTIONS, 2, -1, (section) => !isCore(section)))).toEqual(["land", "home", "scores"]);
  });

  test("stay where they are at the ends", () => {
    expect(moveSection(SECTIONS, 0, -1)).toEqual(SECTIONS);
    expect(moveSection(SECTIONS, 2, 1)).toEqual(SECTIONS);
    expect(placeBeside(SECTIONS, 0, -1)).toBe(-1);
    expect(placeBeside(SECTIONS, 2, 1)).toBe(-1);
    expect(placeBeside(SECTIONS, 2, -1)).toBe(1);
  });

  test("have an id that no other section has", () => {
    expect(problemOf(() => addSection(SECTIONS, plain("home")))).toBe("idTaken home");
    expect(problemOf(() => replaceSection(SECTIONS, 2, plain("home")))).toBe("idTaken home");
    expect(problemOf(() => removeSection(SECTIONS, 3))).toBe("unknownSection 3");
    expect(newSection([plain("section-2")], "New")["section-id"]).toBe("section-3");
    expect(newSection([plain("section-2"), plain("section-3")], "New")["section-id"]).toBe("section-4");
  });

  test("that stood twice already can be mended", () => {
    const twice = [plain("home"), plain("home", "again")];

    expect(ids(replaceSection(twice, 1, plain("house")))).toEqual(["home", "house"]);
    expect(removeSection(twice, 1)).toEqual([plain("home")]);
    expect(moveSection(twice, 1, -1)).toEqual([plain("home", "again"), plain("home")]);
    expect(ids(addSection(twice, plain("land")))).toEqual(["home", "home", "land"]);
  });
});

describe("an ordinary section with a core section's id", () => {
  const twins = [plain("scores"), scoresSection()];

  test("can be renamed, moved, given another id and removed", () => {
    expect(renameSection(twins, 0, "Mine")[0]).toEqual(plain("scores", "Mine"));
    expect(moveSection(twins, 0, 1)).toEqual([scoresSection(), plain("scores")]);
    expect(ids(replaceSection(twins, 0, plain("mine")))).toEqual(["mine", "scores"]);
    expect(removeSection(twins, 0)).toEqual([scoresSection()]);
  });

  test("does not make the core one anybody's to edit", () => {
    expect(problemOf(() => removeSection(twins, 1))).toBe("coreRemoved scores");
    expect(problemOf(() => renameSection(twins, 1, "Mine"))).toBe("coreChanged scores");
    expect(problemOf(() => replaceSection(twins, 0, scoresSection()))).toBe("coreDuplicated scores");
  });
});

describe("core sections", () => {
  const scores = scoresSection();
  const withoutFlag = ({ "section-is-core": _, ...section }: SectionConfig): SectionConfig => section;

  test.each<[string, () => unknown, string]>([
    ["renamed", () => renameSection(SECTIONS, 1, "Mine"), "coreChanged scores"],
    ["replaced", () => replaceSection(SECTIONS, 1, { ...scores, panels: [] }), "coreChanged scores"],
    ["freed of their flag", () => replaceSection(SECTIONS, 1, withoutFlag(scores)), "coreChanged scores"],
    ["given another id", () => replaceSection(SECTIONS, 1, plain("mine")), "coreRemoved scores"],
    ["removed", () => removeSection(SECTIONS, 1), "coreRemoved scores"],
    ["moved", () => moveSection(SECTIONS, 1, 1), "coreMoved scores"],
    ["added again", () => addSection(SECTIONS, scores), "coreDuplicated scores"],
    ["shadowed by their id", () => addSection(SECTIONS, plain("scores")), "coreDuplicated scores"],
    [
      "copied under another name",
      () => addSection(SECTIONS, { ...withoutFlag(scores), "section-id": "mine" }),
      "coreDuplicated scores",
    ],
    [
      "copied by a widget",
      () => replaceSection(SECTIONS, 2, withWidget("land", "record-scores")),
      "coreDuplicated scores",
    ],
    [
      "claimed by a new section",
      () => addSection(SECTIONS, { ...plain("x"), "section-is-core": true }),
      "coreClaimed x",
    ],
    [
      "claimed by an ordinary one",
      () => replaceSection(SECTIONS, 0, { ...plain("home"), "section-is-core": true }),
      "coreClaimed home",
    ],
  ])("cannot be %s", (_, edit, problem) => {
    expect(problemOf(edit)).toBe(problem);
  });

  test("cannot change places among each other", () => {
    const other = { ...plain("identity"), "section-is-core": true };

    expect(problemOf(() => assertCoreUntouched([scores, other], [other, scores]))).toBe("coreMoved identity");
  });

  test("are untouched where a database only reordered their keys", () => {
    const reordered = Object.fromEntries(Object.entries(scores).reverse()) as unknown as SectionConfig;

    expect(() => assertCoreUntouched([scores], [reordered])).not.toThrow();
  });

  test.each(["true", 1, {}])("are claimed by whatever looks like it: %j", (claim) => {
    const typed = JSON.parse(JSON.stringify({ ...plain("x"), "section-is-core": claim }));

    expect(problemOf(() => assertCoreUntouched([], [typed]))).toBe("coreClaimed x");
  });

  test("are no claim where the flag says false", () => {
    expect(() => assertCoreUntouched([], [{ ...plain("x"), "section-is-core": false }])).not.toThrow();
  });

  test("do not forbid a widget id that stood elsewhere before", () => {
    const sections = [withWidget("home", "record-scores"), scores];

    expect(renameSection(sections, 0, "House")[0]?.["section-title"]).toBe("House");
  });

  test("are named, with the remedy, in the error", () => {
    expect(() => addSection(SECTIONS, { ...plain("x"), "section-is-core": true })).toThrow(
      'section "x" claims to be a core section: take section-is-core out, only the registry platform sets it.',
    );
  });
});

describe("a section typed as JSON", () => {
  test("is refused where it is no JSON, or no section", () => {
    expect(problemOf(() => sectionFromJson("{", "x"))).toBe("noJson x");
    expect(problemOf(() => sectionFromJson("{}", "x"))).toBe("invalid x");
  });
});
