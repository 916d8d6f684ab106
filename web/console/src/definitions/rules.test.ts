import type { TFunction } from "i18next";
import { describe, expect, it } from "vitest";
import { loadTexts } from "../texts";
import { changesOf } from "./drafts";
import { readJson } from "./json";
import { type DefinitionDraft, definitionSchema, flawsOf } from "./rules";
import { type WeightedDraft, weightedSchema } from "./weighted-rules";

const TYPES = {
  name: "text",
  income: "number",
  "assets.land_area": "number",
  "household.member_count": "integer",
  languages: "list",
};
const t = (await loadTexts()).getFixedT("en", "definitions") as TFunction<"definitions">;

function aDraft(changes: Partial<DefinitionDraft>): DefinitionDraft {
  const draft = { scoreType: "PMT_SCORE", isWeighted: false, attributes: ["income"], config: "" };
  return { ...draft, quietPeriod: 2, maxWait: 10, ...changes };
}

const ofFsf = (config: unknown) => ({ scoreType: "FSF_SCORE", config: JSON.stringify(config) });

describe("a definition", () => {
  const flaws = (changes: Partial<DefinitionDraft>) =>
    flawsOf(definitionSchema(t, { types: TYPES, mayLeaveOutDebounce: false }), aDraft(changes));

  it.each<[string, Partial<DefinitionDraft>]>([
    ["of a score type that ships", {}],
    ["of a score type of somebody else", { scoreType: "CREDIT SCORE é", config: '{"weights": "any"}' }],
    ["with the weights of PMT_SCORE", { config: '{"weights": {"income": 1, "land_area": 0.5}}' }],
    ["with weights that are null", { config: '{"weights": null}' }],
    ["with the weights of FSF_SCORE", ofFsf({ weights: { income: 1 } })],
    ["that weighs its attributes elsewhere", { isWeighted: true, attributes: [] }],
    ["that waits not at all", { quietPeriod: 0, maxWait: 0 }],
  ])("%s has no flaw", (_, changes) => expect(flaws(changes)).toEqual({}));

  it.each<[string, Partial<DefinitionDraft>, keyof DefinitionDraft, string]>([
    ["an empty score type", { scoreType: "" }, "scoreType", "Enter 1 to 64 printable characters"],
    ["a score type of spaces", { scoreType: "  " }, "scoreType", "Enter 1 to 64 printable characters"],
    ["a score type of two lines", { scoreType: "A\nB" }, "scoreType", "Enter 1 to 64 printable characters"],
    ["a score type that is too long", { scoreType: "X".repeat(65) }, "scoreType", "Enter 1 to 64 printable"],
    ["no attribute", { attributes: [] }, "attributes", "Choose at least one attribute."],
    ["an attribute of no register", { attributes: ["age"] }, "attributes", "The register has no attribute age."],
    ["no path", { attributes: ["a..b"] }, "attributes", "a..b is no attribute path."],
    ["text in PMT_SCORE", { attributes: ["name"] }, "attributes", "name has no part in PMT_SCORE."],
    [
      "text in FSF_SCORE",
      { attributes: ["name"], ...ofFsf({ weights: { name: 1 } }) },
      "attributes",
      "name holds text. A weighted sum needs numbers.",
    ],
    ["a list as config", { config: "[]" }, "config", "Write a JSON object"],
    ["half a config", { config: '{"weights": ' }, "config", "This is no JSON at line 1, column 13."],
    ["weights that are no object", { config: '{"weights": [1]}' }, "config", "weights must be an object of numbers."],
    [
      "a weight that is text",
      { config: '{"weights": {"income": "1"}}' },
      "config",
      "The weight income must be a number.",
    ],
    ["a weight that is true", { config: '{"weights": {"income": true}}' }, "config", "The weight income must be a"],
    [
      "a weight of nothing",
      { config: '{"weights": {"age": 1}}' },
      "config",
      "The weight age has no attribute to weigh. Known are: income, land_area, member_count.",
    ],
    ["FSF_SCORE without a weight", ofFsf({}), "config", "weights has no weight for income."],
    ["a reserved key", { config: '{"contributing_attribute_config": []}' }, "config", "is written by the service"],
    ["a config too large", { config: JSON.stringify({ a: "x".repeat(64_000) }) }, "config", "64,000 bytes at most"],
    ["weights twice", { isWeighted: true, attributes: [], config: '{"weights": {}}' }, "config", "Leave out weights"],
    ["no quiet period", { quietPeriod: "" }, "quietPeriod", "Enter seconds from 0 to 2,592,000."],
    ["a negative wait", { maxWait: -1 }, "maxWait", "Enter seconds from 0"],
    ["over thirty days", { maxWait: 2_592_001 }, "maxWait", "Enter seconds from 0"],
    ["less wait than quiet", { quietPeriod: 11 }, "maxWait", "must not be below the quiet period"],
  ])("with %s says so at its field", (_, changes, field, message) => {
    expect(flaws(changes)[field]).toContain(message);
  });

  it("may leave the waiting time to the service when it is new, all of it or nothing", () => {
    const schema = definitionSchema(t, { types: TYPES, mayLeaveOutDebounce: true });

    expect(flawsOf(schema, aDraft({ quietPeriod: "", maxWait: "" }))).toEqual({});
    expect(flawsOf(schema, aDraft({ quietPeriod: "" }))).toHaveProperty("quietPeriod");
  });

  it("tells each field's flaw at once", () => {
    expect(Object.keys(flaws({ scoreType: "", attributes: [], config: "{", quietPeriod: 11 })).sort()).toEqual([
      "attributes",
      "config",
      "maxWait",
      "scoreType",
    ]);
  });

  it("sends only what was changed", () => {
    const before = aDraft({ config: '{"weights": {"income": 1, "land_area": 2}}' });
    const after = { ...before, config: '{ "weights": {"land_area": 2.0, "income": 1} }', maxWait: 20 };

    expect(changesOf(before, after)).toEqual({ debounce: { quiet_period: 2, max_wait: 20 } });
  });
});

describe("JSON", () => {
  it.each(['{"a": [1, -2.5e3, true, null, "\\u00e9\\n"], "b": {}}', " [ ] ", '"x"', "0"])("%s is read", (text) => {
    expect(readJson(text)).toEqual({ value: JSON.parse(text) });
  });

  it.each<[string, string, number, number]>([
    ['{"a": 1,\n "a": 2}', "jsonKeyTwice", 2, 2],
    ['{"a": {"b": 1, "\\u0062": 2}}', "jsonKeyTwice", 1, 16],
    ['{"a":\n  NaN}', "jsonNotFinite", 2, 3],
    ['{"a": -Infinity}', "jsonNotFinite", 1, 7],
    ["[1e999]", "jsonNotFinite", 1, 2],
    ['{"a": 1,}', "jsonSyntax", 1, 9],
    ["{'a': 1}", "jsonSyntax", 1, 2],
    ["[1 2]", "jsonSyntax", 1, 4],
    ["[01]", "jsonSyntax", 1, 3],
    ['{"a": 1} x', "jsonSyntax", 1, 10],
    ['["two\nlines"]', "jsonSyntax", 1, 2],
    ["", "jsonSyntax", 1, 1],
    ['["\\u0000"]', "jsonNoText", 1, 2],
    ['["\\ud800"]', "jsonNoText", 1, 2],
    ["[".repeat(32) + "]".repeat(32), "jsonTooDeep", 1, 32],
  ])("%j is refused with its place", (text, rule, line, column) => {
    expect(readJson(text)).toEqual({ flaw: expect.objectContaining({ rule, line, column }) });
  });
});

describe("a weighted attribute", () => {
  it.each<[string, Partial<WeightedDraft>, Partial<Record<keyof WeightedDraft, string>>]>([
    ["a number", {}, {}],
    ["text that is mapped", { name: "name", isMapped: true, mapping: '{"A": 1}' }, {}],
    ["no name", { name: "" }, { name: "Enter an attribute of the register." }],
    ["a name that is taken", { name: "assets.land_area" }, { name: "assets.land_area is weighed already." }],
    ["a list", { name: "languages", isMapped: true, mapping: '{"A": 1}' }, { name: expect.stringContaining("a list") }],
    ["no weight", { weightage: "" }, { weightage: "Enter a number." }],
    ["text that is not mapped", { name: "name" }, { isMapped: expect.stringContaining("must be mapped") }],
    ["an empty mapping", { isMapped: true, mapping: "{}" }, { mapping: expect.stringContaining("at least one value") }],
    [
      "a mapping to text",
      { isMapped: true, mapping: '{"A": "1"}' },
      { mapping: expect.stringContaining("The value A") },
    ],
    [
      "a mapping twice",
      { isMapped: true, mapping: '{"A":1,"A":2}' },
      { mapping: expect.stringContaining("stands twice") },
    ],
  ])("of %s has the flaws that it has", (_, changes, expected) => {
    const draft = { name: "income", weightage: 0.5, isMapped: false, mapping: "", ...changes };

    expect(flawsOf(weightedSchema(t, TYPES, ["assets.land_area"]), draft)).toEqual(expected);
  });
});
