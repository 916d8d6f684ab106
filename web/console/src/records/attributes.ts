/** A record's attributes by dot path, as the registry merges and compares them. */

export type Attributes = Readonly<Record<string, unknown>>;

/** An attribute, or a name that holds some. */
export interface AttributeNode {
  name: string;
  path: string;
  /** As the register declares it; missing for a name that holds others, and for what the register does not know. */
  type: string | undefined;
  value: unknown;
  children: AttributeNode[];
}

export interface Change {
  path: string;
  /** undefined: there was, or will be, none. */
  before: unknown;
  after: unknown;
}

function isObject(value: unknown): value is Attributes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a dot path in nested or dotted attributes; undefined where there is none. */
export function readPath(attributes: Attributes, path: string): unknown {
  if (Object.hasOwn(attributes, path)) return attributes[path] ?? undefined;
  for (const holder of ancestors(path).reverse()) {
    const inner = Object.hasOwn(attributes, holder) ? attributes[holder] : undefined;
    if (isObject(inner)) return readPath(inner, path.slice(holder.length + 1));
  }
  return undefined;
}

/** The leaves by dot path, whether they came nested or dotted. */
export function flatten(attributes: Attributes, prefix = ""): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  for (const [key, value] of Object.entries(attributes)) {
    const path = `${prefix}${key}`;
    if (isObject(value) && Object.keys(value).length > 0)
      for (const [inner, leaf] of flatten(value, `${path}.`)) leaves.set(inner, leaf);
    else leaves.set(path, value);
  }
  return leaves;
}

/** What stands in the record and what the register has besides, as a tree, by name. */
export function attributeTree(attributes: Attributes, declared: Readonly<Record<string, string>>): AttributeNode[] {
  const roots: AttributeNode[] = [];
  const paths = new Set([...Object.keys(declared), ...withoutDeclared(attributes, declared)]);
  for (const path of [...paths].sort((one, other) => one.localeCompare(other))) {
    const node = place(roots, path);
    node.type = declared[path];
    node.value = readPath(attributes, path);
  }
  return roots;
}

function withoutDeclared(attributes: Attributes, declared: Readonly<Record<string, string>>): string[] {
  const holders = new Set(Object.keys(declared).flatMap(ancestors));
  return [...flatten(attributes).keys()].filter(
    // an object that is empty now, and a value below an attribute that is declared as one
    (path) => !holders.has(path) && !ancestors(path).some((one) => Object.hasOwn(declared, one)),
  );
}

function place(roots: AttributeNode[], path: string): AttributeNode {
  const names = path.split(".");
  let level = roots;
  let node: AttributeNode | undefined;
  for (const [depth, name] of names.entries()) {
    node = level.find((one) => one.name === name);
    if (node === undefined) {
      node = { name, path: names.slice(0, depth + 1).join("."), type: undefined, value: undefined, children: [] };
      level.push(node);
    }
    level = node.children;
  }
  return node as AttributeNode;
}

/** The paths that it lies within, outermost first. */
export function ancestors(path: string): string[] {
  const names = path.split(".");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("."));
}

/** What differs between two states of a record. */
export function changesBetween(before: Attributes, after: Attributes): Change[] {
  const was = flatten(before);
  const is = flatten(after);
  return [...new Set([...was.keys(), ...is.keys()])]
    .sort((one, other) => one.localeCompare(other))
    .map((path) => ({ path, before: was.get(path) ?? undefined, after: is.get(path) ?? undefined }))
    .filter((change) => !isSame(change.before, change.after));
}

/** What a change request asks for, beside what the record holds now. */
export function changesAskedFor(payload: Attributes, current: Attributes): Change[] {
  return [...flatten(payload)].map(([path, after]) => ({
    path,
    before: readPath(current, path),
    after: after ?? undefined,
  }));
}

/** Alike as JSON; the order of an object's keys means nothing. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  if (!isObject(one) || !isObject(other)) return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
}
