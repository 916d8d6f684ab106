import { z } from "zod";
import type { Schemas } from "../api/client";
import { isObject } from "./formulas";
import { readJson } from "./json";
import { type AttributeTypes, isPath, type Texts } from "./rules";

export interface WeightedDraft {
  name: string;
  weightage: number | string;
  isMapped: boolean;
  /** JSON: a number for each raw value. */
  mapping: string;
}

type Attribute = Schemas["ContributingAttribute"];

const NUMERIC = new Set(["number", "integer"]);

/** What a weighted attribute must be like: scoring/weighted_attributes.py and weighted_sum.py say the same. */
export function weightedSchema(t: Texts, types: AttributeTypes | null, taken: readonly string[]) {
  return z
    .object({
      name: z.string().refine(isPath, { error: () => t("nameRule") }),
      weightage: z
        .union([z.number(), z.string()])
        .refine((weight) => weight !== "" && Number.isFinite(Number(weight)), { error: () => t("weightageRule") }),
      isMapped: z.boolean(),
      mapping: z.string(),
    })
    .superRefine((draft, context) => {
      for (const [field, message] of [...nameFlaws(t, draft, types, taken), ...mappingFlaws(t, draft, types)])
        context.addIssue({ code: "custom", path: [field], message });
    });
}

type Told = [field: keyof WeightedDraft, message: string];

function nameFlaws(t: Texts, { name }: WeightedDraft, types: AttributeTypes | null, taken: readonly string[]): Told[] {
  if (taken.includes(name)) return [["name", t("nameTaken", { path: name })]];
  if (types === null || name === "") return [];
  if (!Object.hasOwn(types, name)) return [["name", t("unknownAttribute", { path: name })]];
  return types[name] === "list" ? [["name", t("listsCannotBeWeighed", { path: name })]] : [];
}

function mappingFlaws(t: Texts, draft: WeightedDraft, types: AttributeTypes | null): Told[] {
  const type = types?.[draft.name] ?? "number";
  if (!draft.isMapped) return NUMERIC.has(type) ? [] : [["isMapped", t("mustBeMapped", { path: draft.name, type })]];
  const read = readJson(draft.mapping);
  if ("flaw" in read) return [["mapping", t(read.flaw.rule, { ...read.flaw })]];
  if (!isObject(read.value) || Object.keys(read.value).length === 0) return [["mapping", t("mappingRule")]];
  const wrong = Object.entries(read.value).find(([, number]) => typeof number !== "number");
  return wrong === undefined ? [] : [["mapping", t("mappingNoNumber", { name: wrong[0] })]];
}

export function weightedDraftOf(attribute: Attribute | null): WeightedDraft {
  return {
    name: attribute?.attribute_name ?? "",
    weightage: attribute?.attribute_weightage ?? "",
    isMapped: attribute?.attribute_computation_required ?? false,
    mapping: attribute?.attribute_computation_value
      ? JSON.stringify(attribute.attribute_computation_value, null, 2)
      : "",
  };
}

/** As it is sent; of a draft that has no flaws. */
export function weightedBody(draft: WeightedDraft) {
  const read = readJson(draft.mapping);
  return {
    attribute_name: draft.name,
    attribute_weightage: Number(draft.weightage),
    attribute_computation_required: draft.isMapped,
    ...(draft.isMapped && "value" in read && { attribute_computation_value: read.value as Record<string, unknown> }),
  };
}
