import type { ScoresHost } from "./types";

/** What stands at a dot path; undefined where there is no such path. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((found, name) => {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    return (found as Record<string, unknown>)[name];
  }, value);
}

/** In the form's values, else in the schema data. */
export function hostValueAt(host: ScoresHost, path: string): unknown {
  return valuesAt(host, path)[0];
}

/** The id of the host's record, as text; undefined where the record has none yet, or a blank one. */
export function recordIdAt(host: ScoresHost, path: string): string | undefined {
  const ids = valuesAt(host, path).filter((value) => typeof value === "string" || typeof value === "number");
  return ids.map((id) => String(id).trim()).find((id) => id !== "");
}

function valuesAt(host: ScoresHost, path: string): unknown[] {
  const candidates = [valueAt(host.values, path), host.getFieldValue?.(path), valueAt(host.schemaData, path)];
  return candidates.filter((value) => value !== undefined && value !== null);
}
