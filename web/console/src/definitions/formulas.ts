/** What the formulas that ship with the service ask of a definition: scoring/formulas.py says the same. */

export interface Flaw {
  field: "attributes" | "config";
  text: "noPart" | "notNumeric" | "weightsNoObject" | "weightNoNumber" | "weightUnknown" | "weightMissing";
  values: Record<string, string>;
}

export interface Formula {
  scoreType: string;
  attributes: readonly string[];
  config: Readonly<Record<string, unknown>>;
  /** By dot path; null where they are not known. */
  types: Readonly<Record<string, string>> | null;
}

/** By attribute path: the name of its weight. */
const PMT_WEIGHTS: Readonly<Record<string, string>> = {
  income: "income",
  "assets.land_area": "land_area",
  "household.member_count": "member_count",
};
const NUMERIC = new Set(["number", "integer"]);

/** All that is wrong with a definition that names its attributes itself; nothing for score types of others. */
export function formulaFlaws(formula: Formula): Flaw[] {
  if (formula.scoreType === "PMT_SCORE")
    return [...noPart(formula), ...notNumeric(formula), ...weightFlaws(formula, Object.values(PMT_WEIGHTS))];
  if (formula.scoreType === "FSF_SCORE")
    return [...notNumeric(formula), ...weightFlaws(formula, formula.attributes), ...missingWeights(formula)];
  return [];
}

function noPart({ attributes }: Formula): Flaw[] {
  return attributes
    .filter((path) => !Object.hasOwn(PMT_WEIGHTS, path))
    .map((path) => ({
      field: "attributes",
      text: "noPart",
      values: { path, known: Object.keys(PMT_WEIGHTS).join(", ") },
    }));
}

function notNumeric({ attributes, types }: Formula): Flaw[] {
  return attributes.flatMap((path) => {
    const type = types?.[path] ?? "number";
    return NUMERIC.has(type) ? [] : [{ field: "attributes", text: "notNumeric", values: { path, type } }];
  });
}

function weightFlaws({ config }: Formula, known: readonly string[]): Flaw[] {
  const weights = config.weights ?? {};
  if (!isObject(weights)) return [{ field: "config", text: "weightsNoObject", values: {} }];
  return Object.entries(weights).flatMap(([name, weight]): Flaw[] => {
    if (typeof weight !== "number") return [{ field: "config", text: "weightNoNumber", values: { name } }];
    if (known.includes(name)) return [];
    return [{ field: "config", text: "weightUnknown", values: { name, known: known.join(", ") } }];
  });
}

function missingWeights({ attributes, config }: Formula): Flaw[] {
  const weights = config.weights ?? {};
  if (!isObject(weights)) return [];
  return attributes
    .filter((path) => !Object.hasOwn(weights, path))
    .map((path) => ({ field: "config", text: "weightMissing", values: { path } }));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
