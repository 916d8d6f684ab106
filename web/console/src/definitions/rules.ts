/** What a definition must be like, told before the service has to: scoring/definitions.py says the same. */

import type { TFunction } from "i18next";
import { z } from "zod";
import type { Schemas } from "../api/client";
import type { Problem } from "../api/problem";
import { formulaFlaws, isObject } from "./formulas";
import { readJson } from "./json";

export type Definition = Schemas["ScoreDefinition"];
export type AttributeTypes = Readonly<Record<string, string>>;
export type Texts = TFunction<"definitions">;

/** As it stands in the fields; `debounce` may be left out of a new definition. */
export interface DefinitionDraft {
  scoreType: string;
  /** Whether it has weighted attributes, which are kept apart, in place of attributes of its own. */
  isWeighted: boolean;
  attributes: string[];
  config: string;
  quietPeriod: number | string;
  maxWait: number | string;
}

export interface Facts {
  /** Null where they are not known. */
  types: AttributeTypes | null;
  mayLeaveOutDebounce: boolean;
}

const MAX_SCORE_TYPE_LENGTH = 64;
const MAX_CONFIG_BYTES = 64_000;
export const MAX_SECONDS = 30 * 24 * 3600;
const RESERVED = "contributing_attribute_config";
const PRINTABLE = /^(?:[^\p{C}\p{Z}]| )+$/u;
const NAME = /^[^\p{C}\p{Z}](?:.*[^\p{C}\p{Z}])?$/u;

export function isScoreType(text: string): boolean {
  return text.trim() !== "" && PRINTABLE.test(text) && [...text].length <= MAX_SCORE_TYPE_LENGTH;
}

export function isPath(text: string): boolean {
  const names = text.split(".");
  return text.length <= 512 && names.length <= 16 && PRINTABLE.test(text) && names.every((name) => NAME.test(name));
}

/** The config that a field's text says; empty text is an empty config. */
export function readConfig(text: string): ReturnType<typeof readJson> {
  return text.trim() === "" ? { value: {} } : readJson(text);
}

export function definitionSchema(t: Texts, facts: Facts) {
  const seconds = z.union([z.number(), z.string()]);
  return z
    .object({
      scoreType: z.string().refine(isScoreType, t("scoreTypeRule", { max: MAX_SCORE_TYPE_LENGTH })),
      isWeighted: z.boolean(),
      attributes: z.array(z.string().refine(isPath, { error: ({ input }) => t("noPath", { path: String(input) }) })),
      config: z.string(),
      quietPeriod: seconds,
      maxWait: seconds,
    })
    .superRefine((draft, context) => {
      for (const [field, message] of [
        ...attributeFlaws(t, draft, facts),
        ...configFlaws(t, draft, facts),
        ...debounceFlaws(t, draft, facts),
      ])
        context.addIssue({ code: "custom", path: [field], message });
    });
}

type Told = [field: keyof DefinitionDraft, message: string];

function attributeFlaws(t: Texts, draft: DefinitionDraft, { types }: Facts): Told[] {
  if (draft.isWeighted) return [];
  if (draft.attributes.length === 0) return [["attributes", t("noAttributes")]];
  const unknown = types === null ? [] : draft.attributes.filter((path) => !Object.hasOwn(types, path));
  return unknown.map((path) => ["attributes", t("unknownAttribute", { path })]);
}

function configFlaws(t: Texts, draft: DefinitionDraft, { types }: Facts): Told[] {
  const read = readConfig(draft.config);
  if ("flaw" in read) return [["config", t(read.flaw.rule, { ...read.flaw })]];
  const config = read.value;
  if (!isObject(config)) return [["config", t("configNoObject")]];
  if (new TextEncoder().encode(JSON.stringify(config)).length > MAX_CONFIG_BYTES)
    return [["config", t("configTooLarge", { max: MAX_CONFIG_BYTES })]];
  if (Object.hasOwn(config, RESERVED)) return [["config", t("configReserved", { name: RESERVED })]];
  if (draft.isWeighted) return Object.hasOwn(config, "weights") ? [["config", t("configHasWeights")]] : [];
  return formulaFlaws({ scoreType: draft.scoreType, attributes: draft.attributes, config, types }).map((flaw) => [
    flaw.field,
    t(flaw.text, flaw.values),
  ]);
}

function debounceFlaws(t: Texts, draft: DefinitionDraft, { mayLeaveOutDebounce }: Facts): Told[] {
  const { quietPeriod, maxWait } = draft;
  if (mayLeaveOutDebounce && quietPeriod === "" && maxWait === "") return [];
  const wrong = (["quietPeriod", "maxWait"] as const).filter((field) => !isSeconds(draft[field]));
  if (wrong.length > 0) return wrong.map((field) => [field, t("secondsRule", { max: MAX_SECONDS })]);
  return Number(quietPeriod) > Number(maxWait) ? [["maxWait", t("waitBelowQuiet")]] : [];
}

function isSeconds(value: number | string): boolean {
  const isNumber = typeof value === "number" || value.trim() !== "";
  return isNumber && Number(value) >= 0 && Number(value) <= MAX_SECONDS;
}

/** The first message of each field, as a form shows it. */
export function flawsOf(schema: z.ZodType, draft: unknown): Record<string, string> {
  const parsed = schema.safeParse(draft);
  const flaws: Record<string, string> = {};
  for (const { path, message } of parsed.error?.issues ?? []) flaws[String(path[0])] ??= message;
  return flaws;
}

/** What the service found wrong, by field of the form; `rest` is what no field is to blame for. */
export function refusedFields<Field extends string>(problem: Problem, fields: Readonly<Record<string, Field>>) {
  const errors: Partial<Record<Field, string>> = {};
  const rest: string[] = [];
  for (const { field, detail } of problem.fields) {
    const known = Object.keys(fields).find((name) => field === name || field.startsWith(`${name}.`));
    const shown = known === undefined ? undefined : fields[known];
    if (shown === undefined) rest.push(detail);
    else errors[shown] ??= detail;
  }
  return { errors, rest: problem.fields.length === 0 || rest.length > 0 };
}
