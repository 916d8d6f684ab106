/** What is typed into a form, and the values that the API takes: read, checked, and only what was changed. */

import { type Attributes, isSame, readPath } from "./attributes";

/** By dot path, as it stands in the fields. */
export type Draft = Readonly<Record<string, string>>;

/** A key of the texts, and what it speaks of. */
export interface Flaw {
  text: "notANumber" | "notAnInteger" | "tooLarge" | "noJson" | "notADecision" | "noText" | "noIdentifier";
  line?: number;
}

export type Read = { value: unknown } | { flaw: Flaw };

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const LOOKS_LIKE_JSON = /^[[{"]/;
const IDENTIFIER = /^[\p{L}\p{N}_.:-]{1,128}$/u;

/** The field's text for a value; reading it again gives the value. */
export function written(type: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (type === "list" && Array.isArray(value)) return value.map(writtenItem).join("\n");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** An item is a line: as it is where it cannot be mistaken, else as JSON. */
function writtenItem(item: unknown): string {
  if (typeof item !== "string") return JSON.stringify(item);
  const isPlain = item !== "" && item === item.trim() && !/[\r\n]/.test(item) && !LOOKS_LIKE_JSON.test(item);
  return isPlain && asJson(item) === undefined ? item : JSON.stringify(item);
}

/** The value of a field's text; null for a field that was emptied. */
export function read(type: string, text: string, decimal = "."): Read {
  if (type === "text") return text === "" ? { value: null } : readText(text);
  if (text.trim() === "") return { value: null };
  if (type === "number" || type === "integer") return readNumber(text, type === "integer", decimal);
  if (type === "boolean")
    return text === "true" || text === "false" ? { value: text === "true" } : { flaw: { text: "notADecision" } };
  return readList(text);
}

function readText(text: string): Read {
  // PostgreSQL stores no NUL, JSON no half of a surrogate pair
  return /\0|\p{Surrogate}/u.test(text) ? { flaw: { text: "noText" } } : { value: text };
}

function readNumber(text: string, isWhole: boolean, decimal: string): Read {
  const digits = withLatinDigits(text.trim()).replace(decimal, ".");
  if (!NUMBER.test(digits)) return { flaw: { text: isWhole ? "notAnInteger" : "notANumber" } };
  const value = Number(digits);
  if (!Number.isFinite(value)) return { flaw: { text: "tooLarge" } };
  if (!isWhole) return { value };
  if (!Number.isInteger(value)) return { flaw: { text: "notAnInteger" } };
  // a page knows integers up to 2^53 exactly
  return Number.isSafeInteger(value) ? { value } : { flaw: { text: "tooLarge" } };
}

/** What stands before the fraction of a number there; a point is understood everywhere. */
export function decimalMark(locale: string): string {
  return new Intl.NumberFormat(locale).formatToParts(1.5).find(({ type }) => type === "decimal")?.value ?? ".";
}

/** Keyboards of Arabic and of Persian write digits of their own. */
function withLatinDigits(text: string): string {
  return text
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .replace("٫", ".");
}

function readList(text: string): Read {
  const items: unknown[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "") continue;
    const item = asJson(line);
    if (item === undefined && LOOKS_LIKE_JSON.test(line)) return { flaw: { text: "noJson", line: index + 1 } };
    items.push(item === undefined ? line : item);
  }
  return { value: items };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The fields as they stand before anything is typed. */
export function draftOf(declared: Readonly<Record<string, string>>, attributes: Attributes): Draft {
  return Object.fromEntries(
    Object.entries(declared).map(([path, type]) => [path, written(type, readPath(attributes, path))]),
  );
}

export interface Checked {
  /** By dot path; only what is to change. */
  payload: Record<string, unknown>;
  flaws: Record<string, Flaw>;
}

/** What the draft asks for that the record does not have already; only fields that were touched count. */
export function check(
  declared: Readonly<Record<string, string>>,
  attributes: Attributes,
  draft: Draft,
  decimal = ".",
): Checked {
  const initial = draftOf(declared, attributes);
  const checked: Checked = { payload: {}, flaws: {} };
  for (const [path, type] of Object.entries(declared)) {
    const text = draft[path] ?? "";
    if (text === initial[path]) continue;
    const result = read(type, text, decimal);
    if ("flaw" in result) checked.flaws[path] = result.flaw;
    else if (!isSame(result.value ?? undefined, readPath(attributes, path))) checked.payload[path] = result.value;
  }
  return checked;
}

/** An id that somebody gives; none is fine. */
export function flawOfIdentifier(text: string): Flaw | undefined {
  return text === "" || IDENTIFIER.test(text) ? undefined : { text: "noIdentifier" };
}
