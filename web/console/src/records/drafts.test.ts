import { describe, expect, it } from "vitest";
import { check, decimalMark, draftOf, flawOfIdentifier, read, written } from "./drafts";

const DECLARED = {
  name: "text",
  income: "number",
  crops: "list",
  "assets.land_area": "number",
  "household.member_count": "integer",
  "household.has_electricity": "boolean",
};
const RECORD = {
  name: "Amina",
  income: 5000,
  crops: ["maize"],
  assets: { land_area: 2.1 },
  household: { member_count: 4, has_electricity: true },
};
const checked = (typed: Record<string, string>) => check(DECLARED, RECORD, { ...draftOf(DECLARED, RECORD), ...typed });

describe("what a form sends", () => {
  it.each([
    ["nothing of what was not touched", {}, {}],
    ["a number", { income: "3500.5" }, { income: 3500.5 }],
    ["a nested whole number by its dot path", { "household.member_count": "6" }, { "household.member_count": 6 }],
    ["a decision", { "household.has_electricity": "false" }, { "household.has_electricity": false }],
    ["a text as it was typed, blanks and all", { name: " Amina " }, { name: " Amina " }],
    ["a text of digits as a text", { name: "42" }, { name: "42" }],
    ["a list, a line an item", { crops: "maize\n\n rice \n" }, { crops: ["maize", "rice"] }],
    [
      "null for each field that was emptied",
      { name: "", income: " ", crops: "" },
      { name: null, income: null, crops: null },
    ],
    ["nothing where the same value is written otherwise", { income: "5e3", crops: "maize\n" }, {}],
    ["a number in Arabic digits", { income: "٣٥٠٠٫٥" }, { income: 3500.5 }],
  ])("is %s", (_name, typed, payload) => {
    expect(checked(typed)).toEqual({ payload, flaws: {} });
  });

  it.each([
    ["words where a number belongs", "income", "much", { text: "notANumber" }],
    ["a number with separators", "income", "1,234.5", { text: "notANumber" }],
    ["a number that no double holds", "income", "1e999", { text: "tooLarge" }],
    ["Infinity", "income", "Infinity", { text: "notANumber" }],
    ["a hexadecimal number", "income", "0x10", { text: "notANumber" }],
    ["a fraction where a whole number belongs", "household.member_count", "4.5", { text: "notAnInteger" }],
    ["a whole number that this page cannot hold", "household.member_count", "9007199254740993", { text: "tooLarge" }],
    ["broken JSON in a list", "crops", 'rice\n{"a": ', { text: "noJson", line: 2 }],
    ["a NUL in a text", "name", "a\0b", { text: "noText" }],
    ["half of a surrogate pair in a text", "name", "a\ud800", { text: "noText" }],
  ])("is not %s", (_name, path, text, flaw) => {
    expect(checked({ [path]: text })).toEqual({ payload: {}, flaws: { [path]: flaw } });
  });
});

it("takes a comma before the fraction where the reader's numbers have one, and only there", () => {
  expect(decimalMark("fr-FR")).toBe(",");
  expect(read("number", "1234,5", ",")).toEqual({ value: 1234.5 });
  expect(read("number", "1234.5", ",")).toEqual({ value: 1234.5 });
  expect(read("number", "1.234,5", ",")).toEqual({ flaw: { text: "notANumber" } });
  expect(read("number", "1,234", decimalMark("en-US"))).toEqual({ flaw: { text: "notANumber" } });
});

describe("a list in a field", () => {
  it.each([
    ["plain words", ["maize", "rice and beans"]],
    ["texts that look like other values", ["12", "true", "null", "[", '"quoted"', "{}"]],
    ["other values", [12, true, null, { name: "A" }, ["x"], ""]],
    ["texts that a line would change", [" a ", "two\nlines"]],
  ])("comes back as it was: %s", (_name, items) => {
    expect(read("list", written("list", items))).toEqual({ value: items });
  });
});

it("takes the ids that the API takes", () => {
  expect(["", "CR-00123", "a.b:c_1", "Énergie"].map(flawOfIdentifier)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(["a b", "a/b", "x".repeat(129)].map(flawOfIdentifier)).toEqual(Array(3).fill({ text: "noIdentifier" }));
});
