import { describe, expect, it } from "vitest";
import { attributeTree, changesAskedFor, changesBetween, readPath } from "./attributes";

describe("attributes by dot path", () => {
  it("are found in nested and in dotted objects alike", () => {
    expect(readPath({ assets: { land_area: 2 } }, "assets.land_area")).toBe(2);
    expect(readPath({ "assets.land_area": 2 }, "assets.land_area")).toBe(2);
    expect(readPath({ assets: { "land.area": 2 } }, "assets.land.area")).toBe(2);
  });

  it("are not found where there are none, not even what every object inherits", () => {
    expect(readPath({ assets: null }, "assets.land_area")).toBeUndefined();
    expect(readPath({}, "constructor")).toBeUndefined();
  });

  it("make a tree of what the register has and what the record holds besides", () => {
    const tree = attributeTree({ household: { size: 4 }, old: 1 }, { "household.size": "integer", name: "text" });

    const [household, name, old] = tree;
    expect(tree.map((node) => node.name)).toEqual(["household", "name", "old"]);
    expect(household?.children).toMatchObject([{ path: "household.size", type: "integer", value: 4 }]);
    expect(name).toMatchObject({ type: "text", value: undefined });
    expect(old).toMatchObject({ type: undefined, value: 1 });
  });
});

describe("changes", () => {
  it("between versions are what differs, not what only stands in another order", () => {
    const before = { income: 1, place: { x: 1, y: [1, { a: 1, b: 2 }] } };
    const after = { place: { y: [1, { b: 2, a: 1 }], x: 2 }, name: "A" };

    expect(changesBetween(before, after)).toEqual([
      { path: "income", before: 1, after: undefined },
      { path: "name", before: undefined, after: "A" },
      { path: "place.x", before: 1, after: 2 },
    ]);
  });

  it("that are asked for stand beside what the record holds", () => {
    const payload = { income: null, household: { size: 6 }, "assets.land_area": 3 };

    expect(changesAskedFor(payload, { income: 5, household: { size: 4 }, assets: { land_area: 2 } })).toEqual([
      { path: "income", before: 5, after: undefined },
      { path: "household.size", before: 4, after: 6 },
      { path: "assets.land_area", before: 2, after: 3 },
    ]);
  });
});
