/** A host may bring either major version of zod. */

import { describe, expect, it, vi } from "vitest";
import { answersAreRead, configurationsAreRead } from "./answers.cases";
import { sectionsAreRead } from "./section-builder/sections.cases";

vi.mock("zod", () => import("zod/v3"));

it("this is zod 3", async () => {
  const { z } = await import("zod");

  expect("_zod" in z.string()).toBe(false);
});

describe("answers", answersAreRead);
describe("configurations", configurationsAreRead);
describe("sections", sectionsAreRead);
