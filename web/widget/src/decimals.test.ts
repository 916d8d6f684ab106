import { expect, test } from "vitest";
import { fewestDecimals, isLost } from "./decimals";

test.each([
  ["whole scores have no decimals", [43, 1_401], 0],
  ["one that is not whole gives all of them two", [52, 68.5], 2],
  ["without scores there are none", [], 0],
])("%s", (_, scores, decimals) => {
  expect(fewestDecimals(scores)).toBe(decimals);
});

test("a score that would read as 0 is lost", () => {
  expect(isLost(0.00001)).toBe(true);
  expect(isLost(0.004)).toBe(false);
  expect(isLost(0)).toBe(false);
});
