/** Holds that core sections are nobody's to edit. Knows no React: a host's own builder can ask here, too. */

/** As much of a section as the guard must know; whatever else it holds is compared as JSON. */
export interface GuardedSection {
  "section-id": string;
  "section-is-core"?: boolean | undefined;
}

export type EditProblem =
  | "coreChanged"
  | "coreRemoved"
  | "coreMoved"
  | "coreDuplicated"
  | "coreClaimed"
  | "unknownSection"
  | "idTaken"
  | "noJson"
  | "invalid";

const SENTENCES: Record<EditProblem, string> = {
  coreChanged: "is a core section, managed by the registry platform: leave it as it is",
  coreRemoved: "is a core section, managed by the registry platform: it must stay",
  coreMoved: "is a core section, managed by the registry platform: move other sections around it",
  coreDuplicated: "is a core section: give the copy another section-id and other widget-ids",
  coreClaimed: "claims to be a core section: take section-is-core out, only the registry platform sets it",
  unknownSection: "is no place of a section in this user interface: count from 0",
  idTaken: "is the section-id of another section: choose another",
  noJson: "is not JSON",
  invalid: "is no valid section",
};

/** Why an edit was refused, for programs by `problem`, for people in English by `message`. */
export class SectionEditError extends Error {
  override readonly name = "SectionEditError";

  constructor(
    readonly problem: EditProblem,
    readonly sectionId: string,
    /** Each place that is wrong, where the section itself is. */
    readonly details: readonly { path: string; message: string }[] = [],
  ) {
    const places = details.map(({ path, message }) => ` ${path}: ${message}.`);
    super(`section "${sectionId}" ${SENTENCES[problem]}.${places.join("")}`);
  }
}

/** Whatever is set there but `false` counts: what only looks like a claim must not slip through. */
export function isCore(section: GuardedSection): boolean {
  return Boolean(section["section-is-core"]);
}

/** Throws a `SectionEditError` where `after` changes, removes, reorders, copies or adds core sections of `before`. */
export function assertCoreUntouched(before: readonly GuardedSection[], after: readonly GuardedSection[]): void {
  const [coresBefore, coresAfter] = [before.filter(isCore), after.filter(isCore)];
  const known = new Set(coresBefore.map(idOf));
  for (const id of known) assertSame(id, before.filter(hasId(id)), after.filter(hasId(id)));
  const claimed = coresAfter.find((section) => !known.has(idOf(section)));
  if (claimed !== undefined) throw new SectionEditError("coreClaimed", idOf(claimed));
  const moved = coresAfter.find((section, place) => idOf(section) !== coresBefore.map(idOf)[place]);
  if (moved !== undefined) throw new SectionEditError("coreMoved", idOf(moved));
  assertNoCopies(before, after);
}

/** Of sections with one id, of which at least one is core: an ordinary one among them may be mended or go. */
function assertSame(id: string, before: readonly GuardedSection[], after: readonly GuardedSection[]): void {
  const [coresBefore, coresAfter] = [before.filter(isCore), after.filter(isCore)];
  if (after.length > before.length || coresAfter.length > coresBefore.length)
    throw new SectionEditError("coreDuplicated", id);
  const isKept = coresBefore.every((core, place) => asJson(core) === asJson(coresAfter[place]));
  if (!isKept) throw new SectionEditError(after.length < before.length ? "coreRemoved" : "coreChanged", id);
}

/** A widget of a core section that is pasted elsewhere is a copy, whatever the section around it is called. */
function assertNoCopies(before: readonly GuardedSection[], after: readonly GuardedSection[]): void {
  const elsewhere = countOf(before.filter((section) => !isCore(section)).flatMap(widgetIds));
  const copied = countOf(after.filter((section) => !isCore(section)).flatMap(widgetIds));
  for (const core of before.filter(isCore))
    for (const id of widgetIds(core))
      if ((copied.get(id) ?? 0) > (elsewhere.get(id) ?? 0)) throw new SectionEditError("coreDuplicated", idOf(core));
}

function widgetIds(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "widget-id" && typeof inner === "string" ? [inner] : widgetIds(inner),
  );
}

function countOf(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** The same for whatever is the same JSON: databases reorder keys. */
function asJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}

function idOf(section: GuardedSection): string {
  return section["section-id"];
}

function hasId(id: string): (section: GuardedSection) => boolean {
  return (section) => idOf(section) === id;
}
