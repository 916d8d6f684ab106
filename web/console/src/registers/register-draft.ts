/** A register as it is typed into the form, and the registry's rules for it. */

import { ancestors } from "../records/attributes";

export const TYPES = ["text", "number", "integer", "boolean", "list"] as const;
export type AttributeType = (typeof TYPES)[number];

export interface AttributeRow {
  /** Stays while the path is typed. */
  key: number;
  path: string;
  type: AttributeType;
}

export interface RowFlaw {
  text: "pathMissing" | "pathIsNone" | "pathTwice" | "pathWithin";
  other?: string;
}

const MAX_NAMES = 16;
const MAX_LENGTH = 512;
export const MAX_ATTRIBUTES = 1_000;
/** Control characters, halves of pairs, and white space other than the plain blank: what cannot be seen. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** What is wrong with which row, by its key. */
export function flawsOfRows(rows: readonly AttributeRow[]): Map<number, RowFlaw> {
  const paths = rows.map((row) => row.path.trim());
  const flaws = new Map<number, RowFlaw>();
  for (const [index, row] of rows.entries()) {
    const flaw = flawOf(paths[index] as string, paths.slice(0, index), paths);
    if (flaw !== undefined) flaws.set(row.key, flaw);
  }
  return flaws;
}

function flawOf(path: string, before: readonly string[], all: readonly string[]): RowFlaw | undefined {
  if (path === "") return { text: "pathMissing" };
  if (!isPath(path)) return { text: "pathIsNone" };
  if (before.includes(path)) return { text: "pathTwice" };
  const holder = ancestors(path).find((one) => all.includes(one));
  return holder === undefined ? undefined : { text: "pathWithin", other: holder };
}

function isPath(path: string): boolean {
  const names = path.split(".");
  return (
    names.length <= MAX_NAMES &&
    [...path].length <= MAX_LENGTH &&
    !UNPRINTABLE.test(path) &&
    names.every((name) => name !== "" && name === name.trim())
  );
}

export function attributesOf(rows: readonly AttributeRow[]): Record<string, AttributeType> {
  return Object.fromEntries(rows.map((row) => [row.path.trim(), row.type]));
}
