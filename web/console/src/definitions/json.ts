/** Reads JSON as the API does, and tells where it is none. JSON.parse takes the last of two equal keys, without a word. */

export interface JsonFlaw {
  rule: "jsonSyntax" | "jsonKeyTwice" | "jsonNotFinite" | "jsonNoText" | "jsonTooDeep";
  line: number;
  column: number;
  key?: string;
}

export type JsonRead = { value: unknown } | { flaw: JsonFlaw };

/** The API's bound is 32, and what is sent stands in a body. */
const MAX_DEPTH = 31;

const SPACE = /[ \t\n\r]*/y;
const TEXT = /"(?:[^"\\]|\\.)*"/sy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** PostgreSQL stores no NUL, JSON no half of a surrogate pair. */
const NOT_STORED = /\0|\p{Cs}/u;
const WORD = /true|false|null/y;

class Flawed extends Error {
  constructor(
    readonly rule: JsonFlaw["rule"],
    readonly at: number,
    readonly key?: string,
  ) {
    super(rule);
  }
}

export function readJson(text: string): JsonRead {
  try {
    return { value: new Reader(text).read() };
  } catch (reason) {
    if (!(reason instanceof Flawed)) throw reason;
    const before = text.slice(0, reason.at).split("\n");
    const place = { rule: reason.rule, line: before.length, column: (before.at(-1) ?? "").length + 1 };
    return { flaw: reason.key === undefined ? place : { ...place, key: reason.key } };
  }
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  read(): unknown {
    const value = this.value(0);
    this.take(SPACE);
    if (this.at < this.text.length) throw new Flawed("jsonSyntax", this.at);
    return value;
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }

  /** Whether the next sign is this one; it is behind us then. */
  private sign(wanted: string): boolean {
    this.take(SPACE);
    const isThere = this.text[this.at] === wanted;
    if (isThere) this.at += 1;
    return isThere;
  }

  private expect(wanted: string): void {
    if (!this.sign(wanted)) throw new Flawed("jsonSyntax", this.at);
  }

  private value(depth: number): unknown {
    const isObject = this.sign("{");
    if (isObject || this.sign("[")) {
      if (depth >= MAX_DEPTH) throw new Flawed("jsonTooDeep", this.at - 1);
      return isObject ? this.object(depth + 1) : this.list(depth + 1);
    }
    if (this.text[this.at] === '"') return this.string();
    const word = this.take(WORD);
    return word === null ? this.number() : JSON.parse(word);
  }

  private object(depth: number): unknown {
    const fields = new Map<string, unknown>();
    if (this.sign("}")) return {};
    do {
      this.take(SPACE);
      const start = this.at;
      const key = this.string();
      if (fields.has(key)) throw new Flawed("jsonKeyTwice", start, key);
      this.expect(":");
      fields.set(key, this.value(depth));
    } while (this.sign(","));
    this.expect("}");
    return Object.fromEntries(fields);
  }

  private list(depth: number): unknown {
    const items: unknown[] = [];
    if (this.sign("]")) return items;
    do items.push(this.value(depth));
    while (this.sign(","));
    this.expect("]");
    return items;
  }

  private string(): string {
    const start = this.at;
    const text = asText(this.take(TEXT) ?? "");
    if (text === null) throw new Flawed("jsonSyntax", start);
    if (NOT_STORED.test(text)) throw new Flawed("jsonNoText", start);
    return text;
  }

  private number(): number {
    const start = this.at;
    const digits = this.take(NUMBER);
    if (digits === null || digits === "")
      throw new Flawed(isNoNumber(this.text, start) ? "jsonNotFinite" : "jsonSyntax", start);
    const number = Number(digits);
    if (!Number.isFinite(number)) throw new Flawed("jsonNotFinite", start);
    return number;
  }
}

function asText(quoted: string): string | null {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return null;
  }
}

function isNoNumber(text: string, at: number): boolean {
  return /^-?(?:NaN|Infinity)/.test(text.slice(at, at + 9));
}
